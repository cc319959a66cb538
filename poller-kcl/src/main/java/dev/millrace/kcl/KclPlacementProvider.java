package dev.millrace.kcl;

import dev.millrace.aws.ServicePlace;
import dev.millrace.aws.SharedClients;
import dev.millrace.aws.table.TableClients;
import dev.millrace.config.AwsSettings;
import dev.millrace.config.Section;
import dev.millrace.coordination.Placement;
import dev.millrace.coordination.PlacementProvider;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Shares the shards of a daemon's mappings by leases: {@code Coordination: {Mode: Kcl, ...}}. The lease tables are where the
 * daemon's own DynamoDB is: {@code Aws.Regions.DynamoDb} or the daemon's region, {@code Aws.Endpoints.DynamoDb} when there is one.
 */
public final class KclPlacementProvider implements PlacementProvider {

    private static final String NODE = "NodeName";
    private static final Pattern NODE_NAME = Pattern.compile("[a-zA-Z0-9_.:-]{1,128}");
    private static final String PREFIX = "LeaseTablePrefix";
    private static final String DEFAULT_PREFIX = "millrace-leases-";
    /** What follows it, an id and a time, takes 50 of DynamoDB's 255 letters. */
    private static final Pattern TABLE_PREFIX = Pattern.compile("[a-zA-Z0-9_.-]{0,200}");

    private static final String PRESET = "Preset";

    @Override
    public PlacementFactory configure(Section coordination, AwsSettings aws, Duration handOver) {
        Preset preset = coordination.choice(PRESET, Preset.class, Preset.FAST);
        String prefix = coordination.string(PREFIX, DEFAULT_PREFIX).strip();
        if (!TABLE_PREFIX.matcher(prefix).matches()) {
            coordination.problem(
                    PREFIX, "'" + prefix + "' begins no name of a table: up to 200 letters, digits, '_', '-' and '.'");
        }
        boolean named = coordination.has(NODE);
        String node = coordination.string(NODE).map(String::strip).orElseGet(KclPlacementProvider::unlikeAnyOther);
        if (!NODE_NAME.matcher(node).matches()) {
            coordination.problem(
                    NODE, "'" + node + "' is no name of a node: 1 to 128 letters, digits, '_', '-', '.' and ':'");
        }
        ServicePlace place = ServicePlace.of("DynamoDB", "DynamoDb", "", aws);
        return new Leases(named, new KclPlacement.Settings(prefix, node, preset, handOver), place);
    }

    /** The host's name alone would do for one daemon a host only. */
    private static String unlikeAnyOther() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName().replaceAll("[^a-zA-Z0-9_.-]", "-");
        } catch (UnknownHostException _) {
            host = "node";
        }
        String few = UUID.randomUUID().toString().substring(0, 8);
        return host.substring(0, Math.min(host.length(), 100)) + ":" + few;
    }

    private record Leases(boolean named, KclPlacement.Settings leases, ServicePlace place) implements PlacementFactory {

        @Override
        public Map<String, Object> settings() {
            Map<String, Object> settings = new LinkedHashMap<>();
            settings.put(PRESET, Section.word(leases.preset()));
            if (named) {
                // One that was made up must not be taken over into another node's file.
                settings.put(NODE, node());
            }
            settings.put(PREFIX, leases.tablePrefix());
            return settings;
        }

        @Override
        public String node() {
            return leases.node();
        }

        @Override
        public Placements open() {
            return new LeasedPlacements(leases, place);
        }
    }

    private static final class LeasedPlacements implements Placements {

        private final KclPlacement.Settings settings;
        private final SharedClients<DynamoDbClient> tables = TableClients.open();
        private final DynamoDbClient client;
        private final LeaseClients clients;
        private final ScheduledExecutorService timer;

        private LeasedPlacements(KclPlacement.Settings settings, ServicePlace place) {
            this.settings = settings;
            this.client = tables.at(place);
            this.clients =
                    new LeaseClients(place, settings.node(), settings.preset().failover());
            this.timer = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("leases-alive").factory());
        }

        @Override
        public Placement place(UUID mapping, InstantSource clock) {
            return new KclPlacement(mapping, settings, client, clients, timer, clock);
        }

        @Override
        public void close() {
            timer.shutdownNow();
            clients.close();
            tables.close();
        }
    }
}
