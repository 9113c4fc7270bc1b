"""A second implementation of PacketFS's formats, written from the pages of Specs/. For tests: it keeps no key secret."""
