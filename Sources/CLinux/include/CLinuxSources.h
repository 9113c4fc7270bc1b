// Reading other people's trees: no link is followed, nothing is mapped.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Opens `path` beneath the open folder `root`, or `root` itself if `path` is empty. No component may be a symlink.
int clinux_source_open(int root, const char *path, int flags);
// The names of the attributes of `name` in the open folder, each ended by NUL. Symlinks are not followed.
long clinux_source_attributes(int folder, const char *name, char *buffer, size_t size);
long clinux_source_attribute(int folder, const char *name, const char *attribute, void *buffer, size_t size);
