export * from "./applicants.js";
export * from "./auc.js";
export * from "./csv.js";
export * from "./folds.js";
export * from "./lenders.js";
export * from "./schemas.js";
export * from "./scorers.js";
