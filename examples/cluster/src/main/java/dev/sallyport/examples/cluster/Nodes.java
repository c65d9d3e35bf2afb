// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import java.io.IOException;
import java.util.Optional;

/** The nodes as their clients see them. */
interface Nodes {
    int count();

    /** How many were killed so far. */
    int kills();

    /** A new connection; empty while the node is down. */
    Optional<Line> connect(int node) throws IOException;
}
