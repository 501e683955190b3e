# Everything of the flake that needs nixpkgs. Attribute names are spelt out, not computed from nixpkgs: whoever asks for an
# output of another flavour never fetches it.
{ nixpkgs }:
let
  systems = [
    "x86_64-linux"
    "aarch64-linux"
  ];
  forAllSystems =
    f:
    builtins.listToAttrs (
      map (system: {
        name = system;
        value = f system;
      }) systems
    );

  node = ../modules;

  # modules: NixOS modules of the experiment. Gives the image, its facts, and the NixOS configuration to look into.
  mkNodeImage =
    {
      modules ? [ ],
      system ? "x86_64-linux",
      specialArgs ? { },
    }:
    let
      inherit
        (nixpkgs.lib.nixosSystem {
          inherit specialArgs;
          modules = [
            node
            ./immutable.nix
            { nixpkgs.hostPlatform = system; }
          ]
          ++ modules;
        })
        config
        options
        ;
    in
    {
      inherit config options;
      image = config.system.build.nodeImage;
      facts = config.system.build.nodeFacts;
      inherit (config.system.build.nodeImage) uki;
    };

  images = forAllSystems (system: mkNodeImage { inherit system; });
  pkgsOf = system: nixpkgs.legacyPackages.${system};
in
{
  nixosModules.node = node;

  lib = { inherit mkNodeImage; };

  packages = forAllSystems (system: {
    node-image = images.${system}.image;
    node-image-uki = images.${system}.uki;
  });

  imageFacts = forAllSystems (system: {
    node-image = images.${system}.facts;
    node-image-uki = images.${system}.uki.facts;
  });

  checks = forAllSystems (
    system:
    import ../checks {
      inherit mkNodeImage node system;
      pkgs = pkgsOf system;
    }
  );

  devShells = forAllSystems (system: {
    default = import ./dev-shell.nix { pkgs = pkgsOf system; };
  });

  formatter = forAllSystems (system: (pkgsOf system).nixfmt-tree);

  templates.default = {
    path = ../../templates/experiment;
    description = "A new experiment: a node image of your own, and the stack that runs it";
  };
}
