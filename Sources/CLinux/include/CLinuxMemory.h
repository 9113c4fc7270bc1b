// Memory and logs: mapping, hole punching, process hardening.
#pragma once
#include <stdint.h>
