// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.Hints.REPEATS;
import static dev.sallyport.storage.conformance.Hints.TIME_OUT_IS_DOUBT;

import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.Trial.Answer;
import dev.sallyport.storage.conformance.Trial.Operation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Answers of the backend are lost on the way, or are slow. */
@Proves("lost answers, silence and slowness of the network")
abstract class NetworkTests extends InterruptTests {
    private static final int MOST_ANSWERS = 12;
    private static final int MOST_SILENCES = 3;
    private static final Duration DELAY = Duration.ofNanos(600_000);

    @Test
    @DisplayName("lost answer: insert MUST NOT answer false if it has inserted, and the other way round")
    void lostAnswer_ofInsert_isNoFalseAnswer() throws Exception {
        loseAnswers(Operation.INSERT);
    }

    @Test
    @DisplayName("lost answer: replace MUST NOT answer false if it has replaced, and the other way round")
    void lostAnswer_ofReplace_isNoFalseAnswer() throws Exception {
        loseAnswers(Operation.REPLACE);
    }

    @Test
    @DisplayName("lost answer: erase MUST NOT return if something is left")
    void lostAnswer_ofErase_isNoSuccess() throws Exception {
        loseAnswers(Operation.ERASE);
    }

    @Test
    @DisplayName("lost answer: find MUST NOT be empty if there is a record")
    void lostAnswer_ofFind_isNotEmpty() throws Exception {
        loseAnswers(Operation.FIND);
    }

    /** Loses the first answer of a call, then the second one of another call, until a call has no more answers. */
    private void loseAnswers(Operation operation) throws Exception {
        try (LoopbackProxy proxy = new LoopbackProxy()) {
            TwoFactorStore instance = through(proxy);
            for (int number = 1; number <= MOST_ANSWERS; number++) {
                Trial trial = new Trial(context, operation, "user-" + number);
                warmUp(instance, proxy);
                proxy.cutAnswer(number);
                Answer answer = trial.call(instance);
                boolean lost = proxy.hasLostAnswer();
                proxy.restore();
                trial.judge("whose answer number " + number + " was lost", answer, REPEATS);
                if (!lost) {
                    return;
                }
            }
        }
    }

    @Test
    @DisplayName("silence: insert MUST NOT answer false after a time-out if it has inserted")
    void silence_afterInsert_isNoFalseAnswer() throws Exception {
        swallowAnswers(Operation.INSERT);
    }

    @Test
    @DisplayName("silence: replace MUST NOT answer false after a time-out if it has replaced")
    void silence_afterReplace_isNoFalseAnswer() throws Exception {
        swallowAnswers(Operation.REPLACE);
    }

    @Test
    @DisplayName("silence: find MUST NOT be empty after a time-out, and erase MUST NOT return if something is left")
    void silence_afterFindAndErase_isNoAnswer() throws Exception {
        swallowAnswers(Operation.FIND);
        swallowAnswers(Operation.ERASE);
    }

    private void swallowAnswers(Operation operation) throws Exception {
        try (LoopbackProxy proxy = new LoopbackProxy();
                ConcurrentThreads thread = new ConcurrentThreads(1)) {
            TwoFactorStore instance = through(proxy);
            for (int number = 1; number <= MOST_SILENCES; number++) {
                Trial trial = new Trial(context, operation, operation + "-" + number);
                warmUp(instance, proxy);
                proxy.swallowAnswer(number);
                Future<Answer> call = thread.start(() -> trial.call(instance));
                Answer answer = await(call, proxy);
                boolean lost = proxy.hasLostAnswer();
                proxy.restore();
                trial.judge("whose answer number " + number + " never came", answer, TIME_OUT_IS_DOUBT);
                if (!lost) {
                    return;
                }
            }
        }
    }

    /** Waits for the time-out of the store. If there is none, the connection breaks. */
    private Answer await(Future<Answer> call, LoopbackProxy proxy) throws Exception {
        try {
            return call.get(longestTimeOut().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            context.note("the store waited longer than longestTimeOut(), "
                    + longestTimeOut().toMillis()
                    + " ms, for an answer that never came. Nothing is known of a longer time-out");
            proxy.restore();
            return call.get();
        }
    }

    @Test
    @DisplayName("slow network: find MUST return the newest record while another thread writes")
    void slowNetwork_readingWhileOneWrites_findsTheNewestRecord() throws Exception {
        onASlowNetwork(this::mustReadInOrder);
    }

    @Test
    @DisplayName("slow network: an update that was answered true MUST NOT be lost")
    void slowNetwork_countingInOneRecord_losesNoUpdate() throws Exception {
        onASlowNetwork(this::mustLoseNoUpdate);
    }

    private void onASlowNetwork(Consumer<Race> work) throws Exception {
        try (LoopbackProxy proxy = new LoopbackProxy()) {
            List<TwoFactorStore> instances = List.of(through(proxy), through(proxy));
            warmUp(instances.get(0), proxy);
            proxy.delayAnswers(DELAY);
            try (Race race = new Race(context, THREADS, instances)) {
                work.accept(race);
            } finally {
                proxy.restore();
            }
        }
    }

    private TwoFactorStore through(LoopbackProxy proxy) throws Exception {
        context.store();
        return TestContext.open(() -> instanceThrough(proxy), "instanceThrough(..)");
    }

    /** Opens a connection. The one before may have been lost, and the store may notice that only now. */
    private void warmUp(TwoFactorStore instance, LoopbackProxy proxy) {
        String userId = context.id("nobody");
        int before = proxy.answers();
        if (!answersSoon(instance, userId)) {
            context.store()
                    .anotherInstance("through the proxy: ", instance)
                    .mustHoldNothing(
                            userId,
                            "the network was repaired, and a connection that was lost is never replaced by another.");
        }
        if (proxy.answers() == before) {
            throw context.store()
                    .broken(
                            "The instance of instanceThrough(..) was asked, and nothing went through the proxy.",
                            "the instance is connected to the backend itself, and not to proxy.portTo(..).");
        }
    }
}
