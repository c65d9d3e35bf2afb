// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.TestAbortedException;

/**
 * Runs each test of the kit with an end to it: a store that hangs fails, and one that ignores interrupts is left behind on
 * a daemon thread. What a test has written goes with it, before any {@code @AfterEach} of the integrator.
 */
final class Patience implements InvocationInterceptor {

    /** How the names of all threads of the kit begin. */
    static final String THREADS = "sallyport-conformance";

    Patience() {}

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext context)
            throws Throwable {
        if (!(test.getTarget().orElseThrow() instanceof TwoFactorStoreConformance kit)
                || !test.getExecutable().getDeclaringClass().equals(TwoFactorStoreConformance.class)) {
            invocation.proceed();
            return;
        }
        try {
            within(kit.patience(), () -> {
                try {
                    invocation.proceed();
                } finally {
                    kit.session.cleanUp();
                }
            });
        } catch (TestAbortedException e) {
            System.out.println(context.getRequiredTestClass().getSimpleName() + " leaves out \""
                    + context.getDisplayName() + "\": " + e.getMessage());
            throw e;
        }
    }

    /** Does the work on a thread of its own, and gives up when the time is over. */
    static void within(Duration patience, Executable work) throws Throwable {
        FutureTask<@Nullable Throwable> task = new FutureTask<>(() -> {
            try {
                work.execute();
                return null;
            } catch (Throwable e) {
                return e;
            }
        });
        Thread thread = new Thread(task, THREADS);
        thread.setDaemon(true);
        thread.start();
        try {
            Throwable thrown = task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (thrown != null) {
                throw thrown;
            }
        } catch (TimeoutException e) {
            Throwable where = whereThreadsAre();
            fail(
                    "The store did not answer within " + patience + ", and MUST answer or throw a StoreException.\n"
                            + "Usual cause: a lock that is never released, a pool that is exhausted, or a missing"
                            + " time-out. A store that is only slow, or whose many users are walked over, gets more time by"
                            + " overriding patience().",
                    where);
        } catch (ExecutionException e) {
            throw new AssertionError("whatever the work throws is returned", e);
        } finally {
            thread.interrupt();
        }
    }

    /** The stacks of the threads of the kit, each once, for whoever looks for what they wait for. */
    private static Throwable whereThreadsAre() {
        Throwable where = new Throwable("the threads of the test were here when the time was over");
        where.setStackTrace(new StackTraceElement[0]);
        Thread.getAllStackTraces().entrySet().stream()
                .filter(each -> each.getKey().getName().startsWith(THREADS))
                .map(each -> List.of(each.getValue()))
                .distinct()
                .forEach(stack -> {
                    Throwable here = new Throwable(THREADS);
                    here.setStackTrace(stack.toArray(StackTraceElement[]::new));
                    where.addSuppressed(here);
                });
        return where;
    }
}
