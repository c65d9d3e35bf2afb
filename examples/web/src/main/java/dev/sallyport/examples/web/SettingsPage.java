// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.UserId;
import java.security.Principal;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The page of two-factor settings in the application's own layout. The property {@code sallyport.settings-page} names
 * it. The starter forwards {@code /two-factor} to it, with what there is to show, and does everything that its forms
 * and links ask for.
 */
@Controller
class SettingsPage {
    private static final int FEW_BACKUP_CODES = 3;
    private static final int MAX_AUTHENTICATORS = 5;

    private final Users users;
    private final TwoFactorColumns columns;

    SettingsPage(Users users, TwoFactorColumns columns) {
        this.users = users;
        this.columns = columns;
    }

    /**
     * Shows the page.
     *
     * @param sallyport the names are those of the JSON API's status
     * @param saved the page of backup codes ends here with it. A link of somebody else could hide the warning, and no
     *     more
     */
    @GetMapping("/two-factor-settings")
    String settings(
            @RequestAttribute(name = "sallyport", required = false) @Nullable Map<String, Object> sallyport,
            @RequestParam(name = "saved", defaultValue = "false") boolean saved,
            Principal principal,
            Model model) {
        if (sallyport == null) {
            return "redirect:/two-factor";
        }
        UserId user = users.idOf(principal.getName());
        if (saved) {
            columns.setBackupCodesSaved(user, true);
        }
        model.addAttribute("settings", sallyport);
        model.addAttribute("codesSaved", columns.hasSavedBackupCodes(user));
        model.addAttribute("fewBackupCodes", FEW_BACKUP_CODES);
        model.addAttribute("maxAuthenticators", MAX_AUTHENTICATORS);
        return "two-factor";
    }
}
