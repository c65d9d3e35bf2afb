// SPDX-License-Identifier: Apache-2.0
package com.acme.quarkus;

import dev.sallyport.UserId;
import io.quarkus.runtime.Quarkus;
import io.vertx.ext.web.RoutingContext;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Set;
import org.apache.commons.codec.binary.Base32;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.slf4j.Logger;

/** An application with a sign-in of its own and one page. Its one user is alice, whose id is 42. */
@Path("/")
@Produces(MediaType.TEXT_PLAIN)
public class Pages {
    private static final UserId ALICE = UserId.of("42");
    private static final Set<String> OPEN = Set.of("/login", "/code", "/versions");

    private final SignIn signIn;
    private final Settings settings;
    private final RoutingContext context;

    Pages(SignIn signIn, Settings settings, RoutingContext context) {
        this.signIn = signIn;
        this.settings = settings;
        this.context = context;
    }

    @ServerRequestFilter
    Response guard(ContainerRequestContext request) {
        boolean open = OPEN.contains(request.getUriInfo().getPath());
        return open || signIn.isSignedIn(context.session()) ? null : Response.status(401).build();
    }

    @POST
    @Path("login")
    public Response login(@FormParam("name") String name, @FormParam("password") String password) {
        return "alice".equals(name) && isPasswordRight(password)
                ? signIn.afterPassword(ALICE, context)
                : Response.status(401).build();
    }

    /** In a transaction of the application's own, as many applications have it on each page. */
    @POST
    @Path("code")
    @Transactional
    public Response code(@FormParam("code") String code, @FormParam("remember") String remember) {
        return signIn.checkCode(code, remember != null, context);
    }

    @GET
    @Path("me")
    public String me() {
        return context.session().get("user");
    }

    @GET
    @Path("enable")
    public Response enable() {
        return settings.showAgain(context.session());
    }

    @POST
    @Path("enable")
    public Response enable(@FormParam("password") String password) {
        return isPasswordRight(password)
                ? settings.begin(ALICE, context)
                : Response.status(401).build();
    }

    @POST
    @Path("confirm")
    public Response confirm(@FormParam("code") String code) {
        return settings.confirm(code, context.session());
    }

    @POST
    @Path("disable")
    public Response disable(@FormParam("code") String code) {
        return settings.disable(ALICE, code, context.session());
    }

    @GET
    @Path("versions")
    public String versions() {
        return "Quarkus" + version(Quarkus.class) + ", commons-codec" + version(Base32.class) + ", slf4j-api"
                + version(Logger.class);
    }

    /** From the name of the jar: two jars share the package org.slf4j here, and it has the version of the other one. */
    private static String version(Class<?> loaded) {
        String jar = loaded.getProtectionDomain().getCodeSource().getLocation().getPath();
        return jar.replaceAll(".*?-(\\d[^-]*)\\.jar.*", " $1");
    }

    private static boolean isPasswordRight(String password) {
        return "wonderland".equals(password);
    }
}
