// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.storage.jdbc.Engine;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.ExecutableHint;
import org.springframework.aot.hint.FieldHint;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.context.annotation.AnnotatedBeanDefinitionReader;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.javapoet.ClassName;
import org.springframework.mock.web.MockServletContext;
import org.springframework.security.config.annotation.web.configurers.AbstractAuthenticationFilterConfigurer;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.web.authentication.AbstractAuthenticationProcessingFilter;
import org.springframework.web.context.support.GenericWebApplicationContext;

class NativeHintsTest {
    private final RuntimeHints hints = new RuntimeHints();

    NativeHintsTest() {
        new NativeHints().registerHints(hints, getClass().getClassLoader());
    }

    @Test
    void resourcesOfThisPackage_areInTheImage() throws IOException {
        Resource[] resources =
                new PathMatchingResourcePatternResolver().getResources("classpath*:dev/sallyport/spring/*.*");
        assertThat(resources)
                .filteredOn(resource -> !isClass(resource))
                .isNotEmpty()
                .allSatisfy(resource -> assertThat(RuntimeHintsPredicates.resource()
                                .forResource("dev/sallyport/spring/" + resource.getFilename()))
                        .accepts(hints));
        assertThat(RuntimeHintsPredicates.resource().forBundle(Mails.BUNDLE)).accepts(hints);
    }

    private static boolean isClass(Resource resource) {
        return String.valueOf(resource.getFilename()).endsWith(".class");
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void schemaOfEachDatabase_isInTheImage(Engine engine) {
        String file = engine == Engine.MYSQL ? "mariadb" : engine.name().toLowerCase(Locale.ROOT);
        assertThat(RuntimeHintsPredicates.resource().forResource("dev/sallyport/storage/jdbc/schema/" + file + ".sql"))
                .accepts(hints);
    }

    // The predicates have other names in Spring 7, so the hints are read as they are.
    @Test
    void handlersOfSignInFilters_canBeRead() {
        assertThat(hints.reflection().getTypeHint(AbstractAuthenticationProcessingFilter.class))
                .isNotNull()
                .satisfies(hint -> assertThat(hint.fields())
                        .extracting(FieldHint::getName)
                        .containsExactlyInAnyOrder("successHandler", "failureHandler", "sessionStrategy"));
    }

    @Test
    void loginPageOfFormLogin_canBeRead() {
        assertThat(hints.reflection().getTypeHint(AbstractAuthenticationFilterConfigurer.class))
                .isNotNull()
                .satisfies(hint -> assertThat(hint.methods())
                        .extracting(ExecutableHint::getName)
                        .containsExactly("getLoginPage"));
    }

    @Test
    void principalsOfSpringSecurity_canBeRead() {
        assertThat(hints.reflection().getTypeHint(User.class))
                .isNotNull()
                .satisfies(hint ->
                        assertThat(hint.getMemberCategories()).containsExactly(MemberCategory.INVOKE_PUBLIC_METHODS));
    }

    @Test
    void aheadOfTime_theConfigurationIsProcessed() {
        GenericWebApplicationContext context = new GenericWebApplicationContext(new MockServletContext());
        new AnnotatedBeanDefinitionReader(context)
                .register(SallyportAutoConfiguration.class, SecondFactorAutoConfiguration.class);
        InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
        DefaultGenerationContext generation = new DefaultGenerationContext(
                new ClassNameGenerator(ClassName.get("dev.sallyport.spring", "Host")), files);
        new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
        generation.writeGeneratedContent();

        assertThat(files.getGeneratedFiles(GeneratedFiles.Kind.SOURCE).keySet())
                .anyMatch(name -> name.contains("SallyportAutoConfiguration__BeanDefinitions"));
        assertThat(RuntimeHintsPredicates.resource().forBundle(Mails.BUNDLE))
                .as("the registrar is called")
                .accepts(generation.getRuntimeHints());
        assertThat(RuntimeHintsPredicates.reflection().onType(SallyportProperties.Jdbc.class))
                .accepts(generation.getRuntimeHints());
    }
}
