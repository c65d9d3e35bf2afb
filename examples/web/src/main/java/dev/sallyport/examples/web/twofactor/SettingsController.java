// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.AlreadyEnabledException;
import dev.sallyport.AuthenticatorId;
import dev.sallyport.BackupCodes;
import dev.sallyport.BrowserId;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.EnrollmentResult.Rejected;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.qr.QrCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The settings: enable, look after, disable. What lowers the guard takes a code in the same request, so that no proof is ever
 * kept.
 */
@Controller
@RequestMapping("/two-factor")
class SettingsController {
    private static final String PASSWORD_CHECKED = SettingsController.class.getName() + ".passwordChecked";

    /** As long as an enrollment waits for its first code. */
    private static final Duration PASSWORD_COUNTS = Duration.ofMinutes(10);

    private static final int FEW_BACKUP_CODES = 3;

    private final TwoFactor twoFactor;
    private final TwoFactorHost host;
    private final SecondFactor secondFactor;
    private final BrowserCookie cookie;
    private final InstantSource clock;
    private final String issuer;

    SettingsController(
            TwoFactor twoFactor,
            TwoFactorHost host,
            SecondFactor secondFactor,
            BrowserCookie cookie,
            InstantSource clock,
            @Value("${two-factor.issuer}") String issuer) {
        this.twoFactor = twoFactor;
        this.host = host;
        this.secondFactor = secondFactor;
        this.cookie = cookie;
        this.clock = clock;
        this.issuer = issuer;
    }

    @ModelAttribute
    UserId user(Principal principal) {
        return host.idOf(principal.getName());
    }

    @GetMapping
    String settings(@ModelAttribute UserId user, Model model) {
        TwoFactorStatus status = twoFactor.status(user);
        model.addAttribute("status", status);
        model.addAttribute("fewBackupCodes", status.backupCodesLeft() <= FEW_BACKUP_CODES);
        model.addAttribute("codesSaved", host.hasSavedBackupCodes(user));
        return "two-factor/settings";
    }

    // --- Enable ---

    @GetMapping("/enable")
    String askForThePassword() {
        return "two-factor/enable";
    }

    @PostMapping("/enable")
    String enable(
            @ModelAttribute UserId user,
            @RequestParam("password") String password,
            Principal principal,
            HttpSession session) {
        if (!host.isPassword(principal.getName(), password)) {
            return "redirect:/two-factor/enable?refused";
        }
        // A second tab of this session goes on with what the first has begun. Any other begins anew.
        boolean begunHere =
                isPasswordChecked(session) && twoFactor.pendingEnrollment(user).isPresent();
        session.setAttribute(PASSWORD_CHECKED, clock.instant());
        if (!begunHere) {
            try {
                twoFactor.beginEnrollment(user, host.accountName(principal.getName()));
            } catch (AlreadyEnabledException e) {
                return "redirect:/two-factor";
            }
        }
        return "redirect:/two-factor/enroll";
    }

    private boolean isPasswordChecked(HttpSession session) {
        return session.getAttribute(PASSWORD_CHECKED) instanceof Instant checked
                && clock.instant().isBefore(checked.plus(PASSWORD_COUNTS));
    }

    @GetMapping("/enroll")
    String enroll(@ModelAttribute UserId user, HttpSession session, HttpServletResponse response, Model model) {
        if (twoFactor.status(user).state() == TwoFactorStatus.State.ENABLED) {
            return "two-factor/enroll";
        }
        Optional<PendingEnrollment> pending =
                isPasswordChecked(session) ? twoFactor.pendingEnrollment(user) : Optional.empty();
        return pending.map(enrollment -> show(enrollment, response, model)).orElse("redirect:/two-factor/enable");
    }

    private static String show(PendingEnrollment pending, HttpServletResponse response, Model model) {
        keepOut(response);
        model.addAttribute("picture", QrCode.of(pending.keyUri().toUriString()).toSvg());
        model.addAttribute("secret", pending.secretForTyping());
        return "two-factor/enroll";
    }

    @PostMapping("/enroll")
    String confirm(
            @ModelAttribute UserId user,
            @RequestParam("code") String typed,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model) {
        EnrollmentResult result = twoFactor.confirmEnrollment(user, typed);
        if (result instanceof Enrolled enrolled) {
            request.getSession().removeAttribute(PASSWORD_CHECKED);
            secondFactor.shown(request, response);
            return enrolled.backupCodes()
                    .map(codes -> show(codes, user, response, model))
                    .orElse("redirect:/two-factor?added");
        }
        return result instanceof Rejected ? "redirect:/two-factor/enroll?refused" : "redirect:/two-factor?ended";
    }

    @PostMapping("/enroll/cancel")
    String cancel(@ModelAttribute UserId user) {
        twoFactor.cancelEnrollment(user);
        return "redirect:/two-factor";
    }

    // --- Backup codes ---

    /** In the answer to the request that made them, and nowhere else. */
    private String show(BackupCodes codes, UserId user, HttpServletResponse response, Model model) {
        host.setBackupCodesSaved(user, false);
        keepOut(response);
        String sheet = codes.toText(issuer + " backup codes");
        model.addAttribute("codes", codes.asList());
        model.addAttribute("sheet", sheet);
        model.addAttribute(
                "download",
                "data:text/plain;charset=utf-8,"
                        + URLEncoder.encode(sheet, StandardCharsets.UTF_8).replace("+", "%20"));
        return "two-factor/backup-codes";
    }

    @PostMapping("/backup-codes/saved")
    String saved(@ModelAttribute UserId user, @RequestParam("saved") boolean saved) {
        host.setBackupCodesSaved(user, saved);
        return "redirect:/two-factor";
    }

    @GetMapping("/backup-codes/regenerate")
    String askToRegenerate(@ModelAttribute UserId user, Model model) {
        return askFor(Change.REGENERATE, user, model);
    }

    @PostMapping("/backup-codes/regenerate")
    String regenerate(
            @ModelAttribute UserId user,
            @RequestParam("code") String typed,
            HttpServletResponse response,
            Model model) {
        return prove(user, typed, Change.REGENERATE, model, proof -> {
            cookie.clear(user, response);
            return show(twoFactor.regenerateBackupCodes(proof), user, response, model);
        });
    }

    // --- Authenticators ---

    @GetMapping("/authenticators/add")
    String askToAdd(@ModelAttribute UserId user, Model model) {
        return askFor(Change.ADD, user, model);
    }

    @PostMapping("/authenticators/add")
    String add(
            @ModelAttribute UserId user,
            @RequestParam("code") String typed,
            @RequestParam("label") String label,
            Principal principal,
            HttpServletResponse response,
            Model model) {
        model.addAttribute("label", label);
        return prove(user, typed, Change.ADD, model, proof -> {
            EnrollmentRequest request = EnrollmentRequest.of(host.accountName(principal.getName()));
            return show(
                    twoFactor.beginEnrollment(proof, label.isBlank() ? request : request.label(label.strip())),
                    response,
                    model);
        });
    }

    @GetMapping("/authenticators/remove")
    String askToRemove(@ModelAttribute UserId user, @RequestParam("id") String id, Model model) {
        model.addAttribute("id", id);
        return askFor(Change.REMOVE, user, model);
    }

    @PostMapping("/authenticators/remove")
    String remove(
            @ModelAttribute UserId user,
            @RequestParam("id") String id,
            @RequestParam("code") String typed,
            HttpServletResponse response,
            Model model) {
        model.addAttribute("id", id);
        return prove(user, typed, Change.REMOVE, model, proof -> {
            twoFactor.removeAuthenticator(proof, new AuthenticatorId(id));
            cookie.clear(user, response);
            return "redirect:/two-factor?removed";
        });
    }

    // --- Remembered browsers: to forget one takes no code ---

    @PostMapping("/browsers/forget")
    String forget(@ModelAttribute UserId user, @RequestParam("id") String id) {
        twoFactor.forgetBrowser(user, new BrowserId(id));
        return "redirect:/two-factor";
    }

    @PostMapping("/browsers/forget-all")
    String forgetAll(@ModelAttribute UserId user, HttpServletResponse response) {
        twoFactor.forgetBrowsers(user);
        cookie.clear(user, response);
        return "redirect:/two-factor";
    }

    // --- Disable ---

    @GetMapping("/disable")
    String askToDisable(@ModelAttribute UserId user, Model model) {
        return askFor(Change.DISABLE, user, model);
    }

    @PostMapping("/disable")
    String disable(
            @ModelAttribute UserId user,
            @RequestParam("code") String typed,
            HttpServletResponse response,
            Model model) {
        return prove(user, typed, Change.DISABLE, model, proof -> {
            twoFactor.disable(proof);
            cookie.clear(user, response);
            return "redirect:/two-factor?disabled";
        });
    }

    // --- A code with each change ---

    /** What takes a code. */
    enum Change {
        ADD,
        REMOVE,
        REGENERATE,
        DISABLE
    }

    /** The page to begin with; there is nothing to change where nothing is on. */
    private String askFor(Change change, UserId user, Model model) {
        return twoFactor.status(user).state() == TwoFactorStatus.State.ENABLED
                ? ask(change, model)
                : "redirect:/two-factor";
    }

    private static String ask(Change change, Model model) {
        model.addAttribute("change", change.name());
        return "two-factor/change";
    }

    private String prove(UserId user, String typed, Change change, Model model, Function<Verified, String> with) {
        VerificationResult result = twoFactor.verify(user, typed);
        if (result instanceof Verified proof) {
            try {
                return with.apply(proof);
            } catch (StaleProofException e) {
                Trouble.STALE.show(model);
                return ask(change, model);
            }
        }
        if (result instanceof NotEnrolled) {
            return "redirect:/two-factor";
        }
        if (result instanceof LockedOut locked) {
            Trouble.showLock(locked.until(), clock.instant(), model);
        } else {
            (result instanceof Suspended ? Trouble.SUSPENDED : Trouble.REFUSED).show(model);
        }
        return ask(change, model);
    }

    /** Pages with secrets stay out of every cache. */
    private static void keepOut(HttpServletResponse response) {
        response.setHeader(HttpHeaders.CACHE_CONTROL, CacheControl.noStore().getHeaderValue());
    }
}
