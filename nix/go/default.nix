# Go programs pinned by go.mod and go.sum: the compiler and the vendored sources are fetched by hash, the rest is offline.
{ runScript }:

let
  downloadVariables = runScript.networkVariables ++ [
    "PATH"
    "HOME"
    "GOPROXY"
    "GOSUMDB"
    "GONOSUMDB"
    "GONOPROXY"
    "GOPRIVATE"
  ];

  compiler = runScript.run {
    name = "go-1.26.8";
    script = ./fetch-toolchain.sh;
    version = "v0.0.1-go1.26.8.linux-amd64";
    outputHashMode = "recursive";
    outputHashAlgo = "sha256";
    outputHash = "sha256-2K2SbG1izp0sk1F0iFm06B9yjumIe1+Ds7UNH1wX00M=";
    impureEnvVars = downloadVariables;
  };

  environment = ./environment.sh;

  standardLibrary = runScript.run {
    name = "go-standard-library-1.26.8";
    script = ./standard-library.sh;
    inherit environment;
    go = compiler;
  };
in
{
  inherit compiler;

  # module: the folder of go.mod; vendorHash: hash of its `go mod vendor`; programs: { name = package; }.
  build =
    {
      name,
      module,
      vendorHash,
      programs,
      tags ? [ ],
      linkerFlags ? [ ],
      patchScript ? "",
    }:
    runScript.run {
      inherit
        name
        module
        patchScript
        environment
        standardLibrary
        ;
      script = ./build.sh;
      go = compiler;
      vendor = runScript.run {
        name = "${name}-vendor";
        script = ./fetch-vendor.sh;
        inherit module;
        go = compiler;
        outputHashMode = "recursive";
        outputHashAlgo = "sha256";
        outputHash = vendorHash;
        impureEnvVars = downloadVariables;
      };
      tags = builtins.concatStringsSep "," tags;
      linkerFlags = builtins.concatStringsSep " " linkerFlags;
      programs = builtins.concatStringsSep "\n" (
        map (program: "${program} ${programs.${program}}") (builtins.attrNames programs)
      );
    };
}
