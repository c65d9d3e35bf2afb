// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.examples.migration.Inventory.Identity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A realm export of Keycloak 8 or newer: {@code kc.sh export --realm NAME --users realm_file}, or one of its files of
 * users. A credential's {@code secretData} and {@code credentialData} are JSON inside a JSON text. The secret is the
 * text itself, unless {@code secretEncoding} says Base32.
 */
final class KeycloakSource implements Source {
    @Override
    public Inventory read(Path file) throws BadInput {
        Inventory.Builder inventory = new Inventory.Builder();
        Json root = Json.read(file);
        for (Json realm : root.isArray() ? root.elements() : List.of(root)) {
            List<Json> users = new ArrayList<>(realm.optionalElements("users"));
            users.addAll(realm.optionalElements("federatedUsers"));
            if (realm.optional("users") == null) {
                throw BadInput.at(
                        file.toString(),
                        realm.path() + ": it has no \"users\": export the realm with its users (the admin console"
                                + " exports none)");
            }
            for (Json user : users) {
                read(user, inventory);
            }
        }
        return inventory.build(new Identity("the Keycloak user ids", true));
    }

    private static void read(Json user, Inventory.Builder inventory) throws BadInput {
        String id = user.required("id").text();
        String name = Objects.requireNonNullElse(user.optionalText("username"), id);
        OldUser.Builder found = inventory.user(id, name);
        for (Json credential : user.optionalElements("credentials")) {
            String type = Objects.requireNonNullElse(credential.optionalText("type"), "");
            switch (type) {
                case "password", "password-history" -> {
                    // Not a second factor.
                }
                case "otp" -> found.add(authenticator(credential));
                case "recovery-authn-codes" -> found.leaveBehind("recovery codes", remainingCodes(credential));
                case "webauthn", "webauthn-passwordless" -> found.leaveBehind("security keys and passkeys", 1);
                case "totp", "hotp" ->
                    found.add(OldAuthenticator.at(credential.path(), "Authenticator app")
                            .refuse("it is in the form of before Keycloak 8: export from a newer Keycloak")
                            .build());
                default -> found.leaveBehind("credentials of an unknown type", 1);
            }
        }
    }

    private static OldAuthenticator authenticator(Json credential) throws BadInput {
        OldAuthenticator.Builder found = OldAuthenticator.at(
                credential.path(), Labels.fit(credential.optionalText("userLabel"), "Authenticator app"));
        try {
            Json data = credential.required("credentialData").parsed();
            String secret = credential.required("secretData").parsed().optionalText("value");
            if (secret != null && secret.matches("\\*+")) {
                return found.refuse("its secret is masked: export with kc.sh, not with the admin console")
                        .build();
            }
            found.secret(encoding(data), secret)
                    .algorithm(data.optionalText("algorithm"))
                    .digits(data.optionalText("digits"));
            String type = Objects.requireNonNullElse(data.optionalText("subType"), "");
            switch (type) {
                case "totp" -> found.period(data.optionalText("period"));
                case "hotp" -> found.counter(data.optionalText("counter"));
                default -> found.refuse("its subType is neither totp nor hotp");
            }
        } catch (BadInput e) {
            found.refuse(String.valueOf(e.getMessage()));
        }
        return found.build();
    }

    private static Secrets.Encoding encoding(Json data) throws BadInput {
        String encoding = data.optionalText("secretEncoding");
        if (encoding == null) {
            return Secrets.Encoding.RAW;
        }
        if (encoding.equals("BASE32")) {
            return Secrets.Encoding.BASE32;
        }
        throw data.bad("its secretEncoding is not BASE32");
    }

    private static int remainingCodes(Json credential) throws BadInput {
        try {
            Json data = credential.required("credentialData").parsed();
            return Math.max(1, data.required("remainingCodes").value().asInt());
        } catch (BadInput e) {
            return 1;
        }
    }
}
