// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.infinispan.remoting.transport.jgroups.AbstractJGroupsChannelConfigurator;
import org.jgroups.JChannel;
import org.jgroups.conf.ProtocolConfiguration;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FD_SOCK;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jspecify.annotations.Nullable;

/** What a node of Infinispan speaks: TCP from a port of its own, to nodes that it knows, and never a multicast. */
final class TcpStack extends AbstractJGroupsChannelConfigurator {
    private final int port;
    private final List<InetSocketAddress> others;
    private final Duration patience;
    private @Nullable JChannel channel;

    /** Takes another for dead after a silence as long as its patience, and at once if its connection breaks. */
    TcpStack(int port, List<InetSocketAddress> others, Duration patience) {
        this.port = port;
        this.others = others;
        this.patience = patience;
    }

    @Override
    public JChannel createChannel(@Nullable String name) throws Exception {
        channel = new JChannel(
                new TCP()
                        .tcpNodelay(true)
                        .setBindAddress(Loopback.address())
                        .setBindPort(port)
                        .setPortRange(0),
                new TCPPING().setInitialHosts(others).setPortRange(0),
                new FD_SOCK().setBindAddress(Loopback.address()).setStartPort(0),
                new FD_ALL3().setTimeout(patience.toMillis()).setInterval(patience.toMillis() / 4),
                new VERIFY_SUSPECT2().setTimeout(500),
                new NAKACK2().useMcastXmit(false),
                new UNICAST3(),
                new STABLE(),
                new GMS().setJoinTimeout(1_000).printLocalAddress(false),
                new UFC(),
                new MFC(),
                new FRAG4());
        return channel;
    }

    JChannel channel() {
        return Objects.requireNonNull(channel);
    }

    @Override
    public String getName() {
        return "loopback";
    }

    @Override
    public @Nullable String getProtocolStackString() {
        return null;
    }

    @Override
    public @Nullable List<ProtocolConfiguration> getProtocolStack() {
        return null;
    }
}
