/** Stands in for what solhint loads but does not use where its configuration is given in code (see bundle.mjs). */
module.exports = class Unneeded {};
