"use strict";

const typescript = {
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.json" }] },
  testEnvironment: "node",
  moduleNameMapper: { "^@pulumi/libvirt$": "<rootDir>/sdks/libvirt/index.ts" },
  modulePathIgnorePatterns: ["<rootDir>/bin/", "<rootDir>/.state/"],
};

/** Every level of docs/testing.md is a project: `jest --selectProjects unit`. */
module.exports = {
  // On a busy host five seconds are one start of a libvirtd.
  testTimeout: 30_000,
  projects: [
    {
      ...typescript,
      displayName: "unit",
      testMatch: [
        "<rootDir>/test/{plan,config,facts,drivers,cli,components,resources,providers,docs,toolchain}/**/*.test.ts",
      ],
    },
    { ...typescript, displayName: "engine", testMatch: ["<rootDir>/test/engine/**/*.test.ts"] },
    { ...typescript, displayName: "nix", testMatch: ["<rootDir>/test/nix/**/*.test.ts"] },
    { ...typescript, displayName: "guest", testMatch: ["<rootDir>/test/guest/**/*.test.ts"] },
    { ...typescript, displayName: "e2e", testMatch: ["<rootDir>/test/e2e/**/*.test.ts"] },
  ],
};
