// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import java.io.IOException;

/** A client's connection to a node. Answers come in the order of the requests. */
interface Line extends AutoCloseable {
    String node();

    String keyId();

    /** Whether the node behind it was killed: the only excuse for a broken connection. */
    boolean isKilled();

    void send(String request) throws IOException;

    String receive() throws IOException;

    @Override
    void close();
}
