#ifndef CANCHORS_H
#define CANCHORS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Which places of a run of bytes are chosen by the 16 bytes that begin there (Specs/blob.md, anchors): here and not in
 * Swift, which cannot ask at run time for the processor's wider instructions.
 *
 * Reads `count` + 15 bytes. Writes the chosen places below `count`, ascending, to `places`, which has room for
 * `count` + 1 of them; returns how many there are.
 */
size_t packetfs_anchors_find(const uint8_t *bytes, size_t count, uint32_t *places);

#endif
