// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.examples.migration.CsvTable.Row;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says which user id of the application an old user has: a table with the columns {@code name} and {@code user_id}. The
 * name may also be the id that the source has. No two names lead to one id, because one of them would get the other's
 * second factor.
 */
final class UserMap {
    private final Path file;
    private final Map<String, String> idsByName;

    private UserMap(Path file, Map<String, String> idsByName) {
        this.file = file;
        this.idsByName = idsByName;
    }

    static UserMap read(Path file) throws BadInput {
        CsvTable table = CsvTable.read(file);
        table.requireColumns("name", "user_id");
        Map<String, String> idsByName = new HashMap<>();
        Map<String, Long> lines = new HashMap<>();
        for (Row row : table.rows()) {
            String id = table.required(row, "user_id");
            Long earlier = lines.putIfAbsent(id, row.line());
            if (earlier != null) {
                throw BadInput.at(CsvTable.place(file, row.line()), "line " + earlier + " has the same user_id");
            }
            if (idsByName.put(table.required(row, "name"), id) != null) {
                throw BadInput.at(CsvTable.place(file, row.line()), "this name was there before");
            }
        }
        return new UserMap(file, idsByName);
    }

    /** The id of a user; null if the table does not have it. */
    @Nullable
    String find(OldUser user) throws BadInput {
        String byId = user.id() == null ? null : idsByName.get(user.id());
        String byName = idsByName.get(user.name());
        if (byId != null && byName != null && !byId.equals(byName)) {
            throw BadInput.at(
                    file.toString(),
                    "the name and the old id of " + Labels.show(user.name()) + " lead to different user ids");
        }
        return byId != null ? byId : byName;
    }
}
