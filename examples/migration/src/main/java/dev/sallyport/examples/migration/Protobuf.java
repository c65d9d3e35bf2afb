// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Walks through the fields of a message in the encoding of Protocol Buffers. */
final class Protobuf {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    private final String where;
    private final ByteBuffer rest;
    private int field;
    private boolean isNumber;
    private long number;
    private byte[] bytes = {};

    Protobuf(String where, byte[] message) {
        this.where = where;
        this.rest = ByteBuffer.wrap(message);
    }

    /** Goes to the next field. Returns false at the end. */
    boolean next() throws BadInput {
        if (!rest.hasRemaining()) {
            return false;
        }
        try {
            long tag = varint();
            field = (int) (tag >>> 3);
            int form = (int) (tag & 7);
            isNumber = form == VARINT;
            bytes = new byte[0];
            switch (form) {
                case VARINT -> number = varint();
                case FIXED_64 -> rest.getLong();
                case FIXED_32 -> rest.getInt();
                case BYTES -> {
                    long length = varint();
                    if (length < 0 || length > rest.remaining()) {
                        throw broken();
                    }
                    bytes = new byte[(int) length];
                    rest.get(bytes);
                }
                default -> throw broken();
            }
            return true;
        } catch (BufferUnderflowException e) {
            throw broken();
        }
    }

    int field() {
        return field;
    }

    long number() throws BadInput {
        if (!isNumber) {
            throw broken();
        }
        return number;
    }

    byte[] bytes() throws BadInput {
        if (isNumber) {
            throw broken();
        }
        return bytes.clone();
    }

    private long varint() throws BadInput {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = rest.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw broken();
    }

    private BadInput broken() {
        return BadInput.at(where, "its data is cut off or is no export of an authenticator app");
    }
}
