"""What the pages of a Parquet file say of their sizes: the reader makes room by that.

A file's footer may say less than its pages do. Each page begins with a header in Thrift's compact
protocol, of which three numbers count here; nothing is unpacked.
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow.parquet as pq

_DEEPEST = 8
"""Headers are nested three deep."""
_SIZE, _PACKED, _DICTIONARY = 2, 3, 7
_OF_VALUES = (5, _DICTIONARY, 8)
"""Fields that are headers of their own and begin with a number of values."""


class Pages(NamedTuple):
    """What all pages of a file say together.

    Attributes
    ----------
    unpacked
        Bytes, unpacked.
    values
        Of the column that has most.
    """

    unpacked: int
    values: int


def count_pages(data: bytes, metadata: pq.FileMetaData) -> Pages:
    """Add up what pages say.

    Parameters
    ----------
    data
        The file.
    metadata
        Its footer.

    Raises
    ------
    ValueError, IndexError
        When a header is none, or a dictionary has more values than bytes.
    """
    unpacked, most = 0, 0
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for place in range(row_group.num_columns):
            chunk = row_group.column(place)
            # a column without a value has no page of values: its place is 0, which is none
            places = chunk.dictionary_page_offset, chunk.data_page_offset
            start = min((at for at in places if at), default=0)
            end, values = start + chunk.total_compressed_size, 0
            while start < end:
                header = _Header(data, start)
                size, start = header.sizes[_SIZE], header.place + header.sizes[_PACKED]
                if min(*header.sizes.values(), *header.values.values(), 0) < 0:
                    raise ValueError("a size below 0")
                if header.values.get(_DICTIONARY, 0) > size:
                    raise ValueError("a dictionary of nothing")
                unpacked += size
                values += sum(header.values.values())
            most = max(most, values)
    return Pages(unpacked, most)


class _Header:
    """One page's header, read from a place on.

    Attributes
    ----------
    place
        Where the page's content begins.
    sizes, values
        Bytes and numbers of values, by field.
    """

    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self.place = place
        self.sizes: dict[int, int] = {}
        self.values: dict[int, int] = {}
        self._struct(())

    def _number(self) -> int:
        value = shift = 0
        while True:
            byte = self._data[self.place]
            self.place += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("a number without end")

    def _signed(self) -> int:
        value = self._number()
        return value >> 1 ^ -(value & 1)

    def _struct(self, path: tuple[int, ...]) -> None:
        if len(path) > _DEEPEST:
            raise ValueError("too deep")
        field = 0
        while sign := self._data[self.place]:
            self.place += 1
            field = field + (sign >> 4) if sign >> 4 else self._signed()
            self._value(sign & 15, (*path, field))
        self.place += 1

    def _value(self, kind: int, path: tuple[int, ...]) -> None:
        if kind in (4, 5, 6):
            number = self._signed()
            if path in ((_SIZE,), (_PACKED,)):
                self.sizes[path[0]] = number
            elif path[0] in _OF_VALUES and path[1:] == (1,):
                self.values[path[0]] = number
        elif kind == 12:
            self._struct(path)
        elif kind in (3, 7):
            self.place += 1 if kind == 3 else 8
        elif kind == 8:
            length = self._number()
            self.place += length
        elif kind not in (1, 2):
            raise ValueError("a list or a map, which no page has")
