package io.dinoflow.ops.embedded;

import com.uber.m3.tally.NoopScope;
import io.dinoflow.ops.OpsConfig;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.internal.testservice.TestServicesStarter;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The SDK's test server on a loopback port: what is left where no Temporal server can be had. It
 * forgets everything when the supervisor ends, and has neither UI nor schedules; committed
 * checkpoints are not touched by that.
 */
final class InMemoryTemporal implements AutoCloseable {
  static final String NOTICE =
      "Temporal runs in memory: no Web UI, no schedules, and runs in progress are forgotten at"
          + " `down` (committed checkpoints are not). Put `temporal` or `go` on PATH to change"
          + " that.";

  private final TestServicesStarter services;
  private final Server server;

  private InMemoryTemporal(TestServicesStarter services, Server server) {
    this.services = services;
    this.server = server;
  }

  static InMemoryTemporal start(int port, Map<String, String> searchAttributes) throws IOException {
    // time stays real: skipping it is for unit tests
    TestServicesStarter services = new TestServicesStarter(true, 0);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    for (BindableService service : services.getServices()) {
      builder.addService(service);
    }
    Server server = builder.build().start();
    register(port, searchAttributes);
    return new InMemoryTemporal(services, server);
  }

  @Override
  public void close() {
    server.shutdownNow();
    services.close();
  }

  private static void register(int port, Map<String, String> searchAttributes) {
    OperatorServiceStubs stubs =
        OperatorServiceStubs.newServiceStubs(
            OperatorServiceStubsOptions.newBuilder()
                .setTarget("127.0.0.1:" + port)
                .setMetricsScope(new NoopScope())
                .validateAndBuildWithDefaults());
    AddSearchAttributesRequest.Builder request =
        AddSearchAttributesRequest.newBuilder().setNamespace(OpsConfig.DEFAULT_NAMESPACE);
    searchAttributes.forEach((name, type) -> request.putSearchAttributes(name, indexed(type)));
    stubs.blockingStub().addSearchAttributes(request.build());
    stubs.shutdownNow();
    stubs.awaitTermination(1, TimeUnit.SECONDS);
  }

  /** {@code KeywordList} is INDEXED_VALUE_TYPE_KEYWORD_LIST. */
  private static IndexedValueType indexed(String type) {
    return IndexedValueType.valueOf(
        "INDEXED_VALUE_TYPE_"
            + type.replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT));
  }
}
