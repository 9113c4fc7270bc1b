// Files: beneath-root opening, renaming, extended attributes.
#pragma once
#include <stdint.h>
