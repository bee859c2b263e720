/** Stands in for what solhint and soljson load but do not use here (see bundle.mjs). A function, since solhint constructs one. */
module.exports = function unneeded() {};
