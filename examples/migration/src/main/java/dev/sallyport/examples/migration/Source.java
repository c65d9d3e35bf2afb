// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.nio.file.Path;

/** Reads what another product exports. */
interface Source {

    /**
     * Reads a whole file. An authenticator that cannot be read does not stop this. It is in the result, with the
     * reason.
     *
     * @param file the export
     * @return the users, in the order of the file
     * @throws BadInput if the file is not what the format says, with the line, the record or the path in it
     */
    Inventory read(Path file) throws BadInput;
}
