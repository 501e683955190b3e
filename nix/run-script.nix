# One derivation that runs a bash script with the base tools of the machine (bash, coreutils, tar: POSIX bytes in, POSIX
# bytes out). Programs whose version shows in their output (Go, mke2fs, qemu-img) are inputs, never the machine's own.
{ system }:

{
  # Takes the attributes of `derivation`; `script` is a file, everything else is in its environment.
  run =
    { name, script, ... }@arguments:
    derivation (
      (removeAttrs arguments [ "script" ])
      // {
        inherit system name;
        builder = "/bin/bash";
        args = [
          "-euo"
          "pipefail"
          script
        ];
        PATH = arguments.PATH or "/usr/sbin:/usr/bin:/sbin:/bin";
        LC_ALL = "C.UTF-8";
        TZ = "UTC";
        SOURCE_DATE_EPOCH = "1";
      }
    );

  # Only a derivation with a fixed output may see these: mirror, proxy and certificate settings of the machine.
  networkVariables = [
    "HTTP_PROXY"
    "HTTPS_PROXY"
    "ALL_PROXY"
    "NO_PROXY"
    "http_proxy"
    "https_proxy"
    "all_proxy"
    "no_proxy"
    "SSL_CERT_FILE"
    "NIX_SSL_CERT_FILE"
  ];
}
