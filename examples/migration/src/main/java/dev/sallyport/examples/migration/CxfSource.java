// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.examples.migration.Inventory.Identity;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The FIDO Alliance's Credential Exchange Format 1.0, in which password managers export. An account there is somebody's
 * vault. The user is the {@code username} of a TOTP credential in it, and only where there is none, the vault's.
 *
 * @param issuer the issuer whose codes these are
 */
record CxfSource(Optional<String> issuer) implements Source {
    @Override
    public Inventory read(Path file) throws BadInput {
        Json header = Json.read(file);
        Json major = header.required("version").required("major");
        if (!major.text().equals("1")) {
            throw BadInput.at(file.toString(), major.path() + ": only version 1 of the format is known");
        }
        Inventory.Builder inventory = new Inventory.Builder();
        Issuers issuers = new Issuers(issuer);
        for (Json account : header.required("accounts").elements()) {
            for (Json item : account.optionalElements("items")) {
                for (Json credential : item.optionalElements("credentials")) {
                    read(account, credential, issuers, inventory);
                }
            }
        }
        issuers.requireOne(file);
        issuers.note(inventory);
        return inventory.build(new Identity("the user names in the vaults, because a vault has no other ids", false));
    }

    private static void read(Json account, Json credential, Issuers issuers, Inventory.Builder inventory)
            throws BadInput {
        String type = Objects.requireNonNullElse(credential.optionalText("type"), "");
        if (!type.equals("totp")) {
            inventory.note(
                    type.equals("passkey") ? "passkeys, which stay in the vaults" : "other credentials of the vaults",
                    1);
            return;
        }
        if (!issuers.accepts(Objects.requireNonNullElse(credential.optionalText("issuer"), ""))) {
            return;
        }
        String own = credential.optionalText("username");
        String name = own == null || own.isBlank() ? account.optionalText("username") : own;
        if (name == null || name.isBlank()) {
            throw credential.bad("neither it nor its account has a \"username\"");
        }
        OldAuthenticator.Builder found = OldAuthenticator.at(credential.path(), "Authenticator app")
                .secret(Secrets.Encoding.BASE32, credential.optionalText("secret"))
                .period(credential.optionalText("period"))
                .digits(credential.optionalText("digits"));
        String algorithm = credential.required("algorithm").text();
        if (OldAuthenticator.Builder.algorithmOf(algorithm).isEmpty()) {
            // The specification: importers MUST ignore entries with unknown values.
            inventory.note("authenticators with an unknown algorithm, skipped", 1);
        }
        inventory.user(null, name).add(found.algorithm(algorithm).build());
    }
}
