// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class UserIdPageTest {

    @Test
    void new_copiesTheIds() {
        List<String> given = new ArrayList<>(List.of("alice", "bob"));
        UserIdPage page = new UserIdPage(given, "bob");

        given.clear();

        assertThat(page.userIds()).containsExactly("alice", "bob");
        assertThat(page.nextCursor()).isEqualTo("bob");
        assertThatThrownBy(() -> page.userIds().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void new_lastPage_hasNoCursor() {
        assertThat(new UserIdPage(List.of(), null).nextCursor()).isNull();
    }

    @Test
    @SuppressWarnings("NullAway")
    void new_nullAmongTheIds_isRefused() {
        List<String> ids = Arrays.asList("alice", null);

        assertThatNullPointerException().isThrownBy(() -> new UserIdPage(ids, null));
    }
}
