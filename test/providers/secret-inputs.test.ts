import { credentials, type Server } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { CheckRequest, type CheckResponse } from "@pulumi/pulumi/proto/provider_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { startServer } from "../../providers/kit/serve";
import { cloudInitDisk } from "../../providers/libvirt/cloud-init-disk";
import { network } from "../../providers/libvirt/network";

/** What the engine prints of inputs that are refused, over a real gRPC connection. */

const secret = (value: JavaScriptValue) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

let server: Server;
let client: ResourceProviderClient;

beforeAll(async () => {
  const started = await startServer({ name: "libvirt", version: "1.0.0", resources: { cloudInitDisk, network } });
  server = started.server;
  client = new ResourceProviderClient(`127.0.0.1:${started.port}`, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

async function refusals(type: string, inputs: Record<string, JavaScriptValue>): Promise<readonly string[]> {
  const request = new CheckRequest().setUrn(`urn:pulumi:dev::p::${type}::one`).setType(type).setName("one");
  const response = await new Promise<CheckResponse>((resolve, reject) => {
    client.check(request.setNews(Struct.fromJavaScript(inputs)), (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
  return response.getFailuresList().map((each) => `${each.getProperty()}: ${each.getReason()}`);
}

it("tells the value that is refused, but never a secret one", async () => {
  const password = { password: "hunter2" };
  expect(await refusals("cloudInitDisk", { userData: password })).toEqual([
    'userData: expected a text, got {"password":"hunter2"}',
  ]);
  expect(await refusals("cloudInitDisk", { userData: secret(password), metaData: 1 })).toEqual([
    "userData: expected a text, got a secret",
    "metaData: expected a text, got 1",
  ]);
});

it("tells no part of a property that holds a secret", async () => {
  const [mac, addresses] = ["52:54:00:00:00:01", ["10.0.0.0/24"]];
  const inside = await refusals("network", { addresses, dhcpHosts: [{ mac: "52:54", ip: "10.0.1.2" }] });
  expect(inside).toEqual([
    'dhcpHosts[0].mac: expected a MAC address such as 52:54:00:12:34:56, got "52:54"',
    'dhcpHosts[0].ip: is outside of addresses[0], got "10.0.1.2"',
  ]);
  const dhcpHosts = [{ mac, ip: secret("10.0.1.2") }];
  expect(await refusals("network", { addresses, dhcpHosts })).toEqual([
    "dhcpHosts[0].ip: is outside of addresses[0], got a secret",
  ]);
  expect(await refusals("network", { addresses: secret(addresses), dhcpHosts: [{ mac, ip: "10.0.1.2" }] })).toEqual([
    'dhcpHosts[0].ip: is outside of addresses[0], got "10.0.1.2"',
  ]);
});
