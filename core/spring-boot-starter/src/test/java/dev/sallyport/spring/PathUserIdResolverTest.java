// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.UserId;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.ldap.userdetails.LdapUserDetails;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;

class PathUserIdResolverTest {
    private static final String SECRET = "hunter2";

    /** As Lombok writes it. Not public, as many are. */
    static class Member extends User {
        private static final long serialVersionUID = 1L;
        private final transient @Nullable Object id;

        Member(@Nullable Object id) {
            super("alice", SECRET, AuthorityUtils.createAuthorityList("ROLE_USER"));
            this.id = id;
        }

        public @Nullable Object getId() {
            return id;
        }

        public String getBroken() {
            throw new UnsupportedOperationException(SECRET);
        }

        void setId(Object ignored) {
            throw new UnsupportedOperationException();
        }
    }

    /** What every own class for users of LDAP is below. */
    private interface LdapMember extends LdapUserDetails {}

    static class Ldap extends Member implements LdapMember {
        private static final long serialVersionUID = 1L;

        Ldap() {
            super("entry-uuid");
        }

        @Override
        public String getDn() {
            return "uid=alice,dc=acme";
        }
    }

    static final class LdapOfTheApplication extends Ldap {
        private static final long serialVersionUID = 1L;
    }

    private record Person(Long id, String password) {}

    private record Principal(Person user, Map<String, Object> attributes) {}

    public static final class Details {
        private final Person person = new Person(7L, SECRET);

        public Person getPerson() {
            return person;
        }
    }

    private static Authentication signIn(Object principal) {
        return new TestingAuthenticationToken(principal, SECRET, "ROLE_USER");
    }

    private static String read(String path, Object principal) {
        return PathUserIdResolver.of(path, "name").userId(signIn(principal)).value();
    }

    @Nested
    class Paths {
        @Test
        void name_isTheNameOfTheSignIn() {
            assertThat(read("name", "alice")).isEqualTo("alice");
        }

        @Test
        void getter_ofAClassThatIsNotPublic() {
            assertThat(read("principal.id", new Member(42L))).isEqualTo("42");
        }

        @Test
        void getter_thatIsInherited() {
            assertThat(read("principal.username", new Member(42L))).isEqualTo("alice");
        }

        @Test
        void componentOfARecord_overSeveralSteps() {
            assertThat(read("principal.user.id", new Principal(new Person(7L, SECRET), Map.of())))
                    .isEqualTo("7");
        }

        @Test
        void principalsOfSeveralClasses_inTurns_areEachReadByTheirOwnGetter() {
            PathUserIdResolver resolver = PathUserIdResolver.of("principal.id", "name");

            for (int i = 0; i < 2; i++) {
                assertThat(resolver.userId(signIn(new Member(42L))).value()).isEqualTo("42");
                assertThat(resolver.userId(signIn(new Person(7L, SECRET))).value())
                        .isEqualTo("7");
                assertThat(resolver.userId(signIn(new Ldap())).value()).isEqualTo("entry-uuid");
            }
        }

        @Test
        void principalWithoutTheProperty_afterOneThatHasIt_isRefusedEachTime() {
            PathUserIdResolver resolver = PathUserIdResolver.of("principal.id", "name");
            resolver.userId(signIn(new Member(42L)));

            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> resolver.userId(signIn(new Details())))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("has no \"id\"");
            }
        }

        @Test
        void entryOfAMap() {
            assertThat(read("principal.attributes.sub", new Principal(new Person(7L, SECRET), Map.of("sub", "u-1"))))
                    .isEqualTo("u-1");
        }

        @Test
        void entryOfAMap_withDotsInItsName() {
            assertThat(read(
                            "principal.attributes.https://acme.example/id",
                            new Principal(new Person(7L, SECRET), Map.of("https://acme.example/id", 9))))
                    .isEqualTo("9");
        }

        @Test
        void entryOfAMap_inAMap() {
            assertThat(read(
                            "principal.attributes.user.id",
                            new Principal(new Person(7L, SECRET), Map.of("user", Map.of("id", 5)))))
                    .isEqualTo("5");
        }

        @Test
        void attributeOfAnOAuth2User() {
            DefaultOAuth2User user = new DefaultOAuth2User(List.of(), Map.of("sub", "u-1", "name", "Alice"), "name");
            Authentication signIn = new OAuth2AuthenticationToken(user, List.of(), "acme");
            assertThat(PathUserIdResolver.of("principal.attributes.sub", "name").userId(signIn))
                    .isEqualTo(UserId.of("u-1"));
        }

        @Test
        void details_leadThroughAGetter() {
            TestingAuthenticationToken signIn = new TestingAuthenticationToken("alice", SECRET);
            signIn.setDetails(new Details());
            assertThat(PathUserIdResolver.of("details.person.id", "name").userId(signIn))
                    .isEqualTo(UserId.of("7"));
        }

        static List<Object> ids() {
            return List.of("u-1", 7, 7L, (short) 7, BigInteger.TEN, UUID.fromString("0-1-2-3-4"));
        }

        @ParameterizedTest
        @MethodSource("ids")
        void textsWholeNumbersAndUuids_areIds(Object id) {
            assertThat(read("principal.id", new Member(id))).isEqualTo(id.toString());
        }

        @Test
        void accountName_hasItsOwnPath() {
            assertThat(PathUserIdResolver.of("principal.id", "principal.username")
                            .accountName(signIn(new Member(1L))))
                    .isEqualTo("alice");
        }
    }

    @Nested
    class Refusals {
        private static String refusal(String path, Object principal) {
            try {
                String id = read(path, principal);
                throw new AssertionError("found " + id);
            } catch (IllegalStateException e) {
                assertThat(e.getMessage())
                        .doesNotContain(SECRET)
                        .startsWith("the property sallyport.user-id is " + path);
                return String.valueOf(e.getMessage());
            }
        }

        @Test
        void noSuchName_saysWhatThereIs() {
            assertThat(refusal("principal.id", new User("alice", SECRET, List.of())))
                    .isEqualTo("the property sallyport.user-id is principal.id, and the"
                            + " org.springframework.security.core.userdetails.User has no \"id\", but it has"
                            + " [authorities, password, username]. Correct the property"
                            + " sallyport.user-id, or give a bean of type UserIdResolver");
        }

        @Test
        void noSuchComponent_saysWhatThereIs() {
            assertThat(refusal("principal.user.uuid", new Principal(new Person(7L, SECRET), Map.of())))
                    .contains("Person has no \"uuid\", but it has [id, password]");
        }

        @Test
        void noSuchEntry_saysWhatThereIs() {
            Map<String, Object> attributes = new HashMap<>(Map.of("sub", SECRET));
            assertThat(refusal("principal.attributes.id", new Principal(new Person(7L, SECRET), attributes)))
                    .contains("a map has no \"id\", but it has [sub]");
        }

        @Test
        void textPrincipal_saysSo() {
            assertThat(refusal("principal.id", "alice")).contains("the java.lang.String has no \"id\"");
        }

        @Test
        void nullOnTheWay_isNamed() {
            assertThat(refusal("principal.id", new Member(null))).endsWith("and principal.id is null");
        }

        @Test
        void objectWithoutATextOfItsOwn_isNoId() {
            assertThat(refusal("principal.user", new Principal(new Person(7L, SECRET), Map.of())))
                    .contains("Person, but it must be a text, a whole number or a UUID");
        }

        @Test
        void getterThatThrows_isNamed_andItsCauseIsKept() {
            assertThatThrownBy(() -> read("principal.broken", new Member(1L)))
                    .hasMessageContaining("getBroken() has failed")
                    .hasMessageNotContaining(SECRET)
                    .hasCauseInstanceOf(UnsupportedOperationException.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {"name", "principal.username", "principal.getUsername"})
        void nameOfAUserOfLdap_isWhatWasTyped_andIsNoId(String path) {
            for (Object principal : List.of(new Ldap(), new LdapOfTheApplication())) {
                assertThatThrownBy(() -> read(path, principal))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith("the property sallyport.user-id leads to the name of a user of LDAP");
            }
        }

        @Test
        void attributeOfAUserOfLdap_isAnId() {
            assertThat(read("principal.id", new LdapOfTheApplication())).isEqualTo("entry-uuid");
            assertThat(PathUserIdResolver.of("principal.id", "name").accountName(signIn(new Ldap())))
                    .isEqualTo("alice");
        }

        @ParameterizedTest
        @ValueSource(strings = {"principal.class", "principal.hashCode", "principal.toString", "principal.getClass"})
        void methodsOfObject_areNoProperties(String path) {
            assertThat(refusal(path, new Person(7L, SECRET))).contains("has no");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", " "})
        void noPath_isRefusedAtTheStart(String path) {
            assertThatThrownBy(() -> PathUserIdResolver.of(path, "name")).isInstanceOf(ConfigurationException.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {".", "principal.", ".id", "principal..id", "principal. id"})
        void brokenPath_isRefusedAtTheStart(String path) {
            assertThatThrownBy(() -> PathUserIdResolver.of(path, "name"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("sallyport.user-id");
            assertThatThrownBy(() -> PathUserIdResolver.of("name", path))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("sallyport.account-name");
        }
    }
}
