"use strict";

// A package's `main` is sought beside its link in node_modules; a require in a file goes from where the file really lies.
module.exports = require("../../bin/sdks/libvirt");
