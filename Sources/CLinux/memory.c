#define _GNU_SOURCE
#include "CLinuxMemory.h"
