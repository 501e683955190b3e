import { parse } from "yaml";
import { mergeKubeconfig, removeFromKubeconfig, renameKubeconfig } from "../../plan/kubeconfig";

const adminConf = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: https://10.77.1.10:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: kubernetes-admin
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
users:
- name: kubernetes-admin
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: S0VZ
`;

const users = `# kept by hand
apiVersion: v1
kind: Config
current-context: prod
clusters:
  - name: prod # the one that matters
    cluster: { server: https://prod.example }
contexts:
  - name: prod
    context: { cluster: prod, user: me }
users:
  - name: me
    user: { token: "123" }
`;

const own = renameKubeconfig(adminConf, "replikube-dev");

const names = (text: string): unknown => {
  const config = parse(text);
  const of = (section: string): unknown => config[section].map((entry: { readonly name: string }) => entry.name);
  return { clusters: of("clusters"), contexts: of("contexts"), users: of("users"), current: config["current-context"] };
};

test("kubeadm's own names become the stack's, the credentials stay", () => {
  expect(parse(own)).toEqual({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "replikube-dev",
    clusters: [
      {
        name: "replikube-dev",
        cluster: { "certificate-authority-data": "Q0E=", server: "https://10.77.1.10:6443" },
      },
    ],
    contexts: [{ name: "replikube-dev", context: { cluster: "replikube-dev", user: "replikube-dev" } }],
    users: [{ name: "replikube-dev", user: { "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ" } }],
  });
});

test("a text without cluster is refused", () => {
  expect(() => renameKubeconfig("clusters: []\nusers: []\n", "x")).toThrow("no cluster");
});

test("merging keeps what is there, comments and the current context included", () => {
  const merged = mergeKubeconfig(users, own, "replikube-dev");
  expect(merged).toContain("# kept by hand");
  expect(merged).toContain("# the one that matters");
  expect(names(merged)).toEqual({
    clusters: ["prod", "replikube-dev"],
    contexts: ["prod", "replikube-dev"],
    users: ["me", "replikube-dev"],
    current: "prod",
  });
});

test("merging again replaces, it does not pile up", () => {
  const once = mergeKubeconfig(users, own, "replikube-dev");
  expect(mergeKubeconfig(once, own, "replikube-dev")).toBe(once);
});

test.each([
  ["an empty file", ""],
  [
    "what kubectl leaves after the last delete",
    'apiVersion: v1\nclusters: []\ncontexts: []\ncurrent-context: ""\nkind: Config\nusers: []\n',
  ],
  ["null sections", "apiVersion: v1\nkind: Config\nclusters: null\ncontexts: null\nusers: null\n"],
])("%s takes the cluster in and makes it current", (_, existing) => {
  expect(names(mergeKubeconfig(existing, own, "replikube-dev"))).toEqual({
    clusters: ["replikube-dev"],
    contexts: ["replikube-dev"],
    users: ["replikube-dev"],
    current: "replikube-dev",
  });
});

test("removing takes out exactly what merging put in", () => {
  const merged = mergeKubeconfig(users, own, "replikube-dev");
  expect(parse(removeFromKubeconfig(merged, "replikube-dev"))).toEqual(parse(users));
});

test("removing the current context leaves none", () => {
  expect(names(removeFromKubeconfig(own, "replikube-dev"))).toEqual({
    clusters: [],
    contexts: [],
    users: [],
    current: "",
  });
});

test("a file that is no YAML is not touched", () => {
  expect(() => mergeKubeconfig("clusters: [", own, "replikube-dev")).toThrow("no YAML");
});

test.each(["", users.replace("{ cluster: prod, user: me }", "{cluster: prod,   user: me}")])(
  "where nothing has the name, the text stays byte by byte what it is",
  (text) => {
    expect(removeFromKubeconfig(text, "replikube-dev")).toBe(text);
  },
);
