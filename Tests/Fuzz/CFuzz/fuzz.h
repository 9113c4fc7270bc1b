#pragma once
#include <stddef.h>
#include <stdint.h>

// libFuzzer's driver.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*test)(const uint8_t *bytes, size_t size));
