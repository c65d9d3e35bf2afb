// SPDX-License-Identifier: Apache-2.0
package com.acme.shop;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Counts how often the store is read for each user. */
@Component
class CountedReads implements BeanPostProcessor {
    private final Map<String, LongAdder> reads = new ConcurrentHashMap<>();

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof ScannableTwoFactorStore store ? new Store(store) : bean;
    }

    private LongAdder of(String userId) {
        return reads.computeIfAbsent(userId, each -> new LongAdder());
    }

    private final class Store implements ScannableTwoFactorStore {
        private final ScannableTwoFactorStore store;

        Store(ScannableTwoFactorStore store) {
            this.store = store;
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            of(userId).increment();
            return store.find(userId);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            return store.insert(record, summary);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            return store.replace(current, next, summary);
        }

        @Override
        public void erase(String userId) {
            store.erase(userId);
        }

        @Override
        public UserIdPage userIds(String cursor, int limit) {
            return store.userIds(cursor, limit);
        }
    }

    @RestController
    static class Page {
        private final CountedReads reads;

        Page(CountedReads reads) {
            this.reads = reads;
        }

        /** How often the record of this user was read. */
        @GetMapping("/reads")
        String reads(@AuthenticationPrincipal Account account) {
            return reads.of(account.getId().toString()).toString();
        }
    }
}
