{
  description = "A node image of an experiment's own";

  inputs.replikube.url = "github:replikube/replikube";

  outputs =
    { replikube, ... }:
    let
      image = replikube.lib.mkNodeImage { modules = [ ./node.nix ]; };
    in
    {
      packages.x86_64-linux.node-image = image.image;
      # Read before anything is built, so that a preview knows versions and what the image is called.
      imageFacts.x86_64-linux.node-image = image.facts;
    };
}
