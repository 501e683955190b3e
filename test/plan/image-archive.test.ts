import { imageNames, missingImages, normaliseReference } from "../../plan/image-archive";

test.each([
  ["alpine", "docker.io/library/alpine:latest"],
  ["alpine:3.22", "docker.io/library/alpine:3.22"],
  ["me/app:1", "docker.io/me/app:1"],
  ["localhost/app", "localhost/app:latest"],
  ["registry.example:5000/app", "registry.example:5000/app:latest"],
  ["registry.k8s.io/pause:3.10.2", "registry.k8s.io/pause:3.10.2"],
])("%s is %s", (reference, expected) => {
  expect(normaliseReference(reference)).toBe(expected);
});

test("names of a saved archive", () => {
  const manifestJson = JSON.stringify([{ RepoTags: ["b:1", "a:1"] }, { RepoTags: ["a:1"] }, { RepoTags: null }]);
  expect(imageNames({ manifestJson })).toEqual(["docker.io/library/a:1", "docker.io/library/b:1"]);
});

test("an OCI layout's own names win over the saved ones, as in containerd", () => {
  const indexJson = JSON.stringify({ manifests: [{ annotations: { "io.containerd.image.name": "ghcr.io/x/y:2" } }] });
  expect(imageNames({ indexJson, manifestJson: JSON.stringify([{ RepoTags: ["other"] }]) })).toEqual(["ghcr.io/x/y:2"]);
});

test("a layout with nothing but a tag has no names", () => {
  const indexJson = JSON.stringify({ manifests: [{ annotations: { "org.opencontainers.image.ref.name": "latest" } }] });
  expect(imageNames({ indexJson })).toEqual([]);
});

test("an image that is missing or may be collected is named", () => {
  const listed = JSON.stringify({
    images: [
      { repoTags: ["docker.io/library/a:1"], pinned: true },
      { repoTags: ["docker.io/library/b:1"], pinned: false },
    ],
  });
  expect(missingImages(["docker.io/library/a:1", "docker.io/library/b:1", "docker.io/library/c:1"], listed)).toEqual([
    "docker.io/library/b:1 is not pinned",
    "docker.io/library/c:1 is not there",
  ]);
});
