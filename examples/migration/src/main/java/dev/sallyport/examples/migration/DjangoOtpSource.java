// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.examples.migration.Inventory.Identity;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What {@code manage.py dumpdata} prints for django-otp (and for django-two-factor-auth, which uses its devices). Dump
 * the model of your users, too, for their names. A device that is not confirmed was never a second factor.
 */
final class DjangoOtpSource implements Source {
    @Override
    public Inventory read(Path file) throws BadInput {
        List<Json> objects = Json.read(file).elements();
        Inventory.Builder inventory = new Inventory.Builder();
        Users users = Users.of(objects);
        users.names().forEach(inventory::user);
        Map<String, String> staticDevices = new HashMap<>();
        for (Json object : objects) {
            if (model(object).equals("otp_static.staticdevice")) {
                staticDevices.put(id(object), users.idOf(object));
            }
        }
        int known = 0;
        for (Json object : objects) {
            known += read(object, users, staticDevices, inventory) ? 1 : 0;
        }
        if (known == 0) {
            throw BadInput.at(
                    file.toString(), "it has no device of django-otp: dump otp_totp, otp_hotp and otp_static");
        }
        return inventory.build(new Identity("the primary keys of Django's users", true));
    }

    private static boolean read(
            Json object, Users users, Map<String, String> staticDevices, Inventory.Builder inventory) throws BadInput {
        String model = model(object);
        switch (model) {
            case "otp_totp.totpdevice", "otp_hotp.hotpdevice" -> {
                OldUser.Builder user = userOf(object, users, inventory);
                if (isConfirmed(object)) {
                    user.add(authenticator(object, model.equals("otp_hotp.hotpdevice")));
                } else {
                    inventory.note("devices that were never confirmed, and so no second factor", 1);
                }
            }
            case "otp_static.statictoken" -> {
                String device = object.required("fields").required("device").text();
                String owner = staticDevices.get(device);
                if (owner == null) {
                    throw object.bad("its device is not in the dump: dump otp_static whole");
                }
                inventory.user(owner, users.nameOf(owner)).leaveBehind("static tokens", 1);
            }
            case "otp_static.staticdevice" -> userOf(object, users, inventory);
            default -> {
                return readOther(object, model, users, inventory);
            }
        }
        return true;
    }

    /** Devices that send a code by mail, SMS or call. They are recognized by their name, because plug-ins add more. */
    private static boolean readOther(Json object, String model, Users users, Inventory.Builder inventory)
            throws BadInput {
        boolean device = model.endsWith("device") && object.required("fields").optional("confirmed") != null;
        if (device && isConfirmed(object)) {
            userOf(object, users, inventory).leaveBehind("devices of the kind " + Labels.fit(model, "unknown"), 1);
        }
        return device;
    }

    private static OldUser.Builder userOf(Json object, Users users, Inventory.Builder inventory) throws BadInput {
        String id = users.idOf(object);
        return inventory.user(id, users.nameOf(id));
    }

    private static OldAuthenticator authenticator(Json object, boolean hotp) throws BadInput {
        Json fields = object.required("fields");
        OldAuthenticator.Builder found =
                OldAuthenticator.at(object.path(), Labels.fit(fields.optionalText("name"), "Authenticator app"));
        found.secret(Secrets.Encoding.HEX, fields.optionalText("key")).digits(fields.optionalText("digits"));
        if (hotp) {
            return found.counter(fields.optionalText("counter")).build();
        }
        found.period(fields.optionalText("step")).t0(fields.optionalText("t0")).drift(fields.optionalText("drift"));
        String lastStep = fields.optionalText("last_t");
        // -1 stands for never, and for devices from before django-otp kept it.
        if (!Objects.equals(lastStep, "-1")) {
            found.lastStep(lastStep);
        }
        return found.build();
    }

    private static boolean isConfirmed(Json device) throws BadInput {
        Json confirmed = device.required("fields").optional("confirmed");
        return confirmed == null || confirmed.value().asBoolean(true);
    }

    private static String model(Json object) throws BadInput {
        return object.required("model").text().toLowerCase(Locale.ROOT);
    }

    private static String id(Json object) throws BadInput {
        Json id = object.optional("pk");
        if (id == null) {
            throw object.bad("it has no primary key: dump without --natural-primary");
        }
        return id.text();
    }

    /**
     * The users in the dump.
     *
     * @param names by primary key
     * @param ids by name
     */
    private record Users(Map<String, String> names, Map<String, String> ids) {

        /** Finds users by the fields that all user models of Django have. */
        static Users of(List<Json> objects) throws BadInput {
            Users users = new Users(new LinkedHashMap<>(), new HashMap<>());
            for (Json object : objects) {
                Json fields = object.optional("fields");
                if (fields == null
                        || fields.optional("password") == null
                        || !fields.value().has("last_login")) {
                    continue;
                }
                String id = id(object);
                String name = fields.optionalText("username");
                name = name != null ? name : fields.optionalText("email");
                name = name == null || name.isBlank() ? id : name;
                users.names().put(id, name);
                users.ids().put(name, id);
            }
            return users;
        }

        String nameOf(String id) {
            return names.getOrDefault(id, id);
        }

        /** The primary key of a device's user. With {@code --natural-foreign}, a name is there instead. */
        String idOf(Json device) throws BadInput {
            Json user = device.required("fields").required("user");
            if (!user.isArray()) {
                return user.text();
            }
            List<Json> natural = user.elements();
            String id = natural.size() == 1 ? ids.get(natural.get(0).text()) : null;
            if (id == null) {
                throw user.bad("it names its user and not the primary key: dump without --natural-foreign");
            }
            return id;
        }
    }
}
