// Linux calls that Swift's Glibc module cannot reach: variadic ones, and those behind _GNU_SOURCE.
// Every function returns a value >= 0, or -errno.
#pragma once
#include "CLinuxFiles.h"
#include "CLinuxKeyring.h"
#include "CLinuxMemory.h"
#include "CLinuxSockets.h"
#include "CLinuxSources.h"
#include "CLinuxProcess.h"
