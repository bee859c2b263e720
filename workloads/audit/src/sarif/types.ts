/** The part of SARIF 2.1.0 (OASIS Standard, 27 March 2020) that the audit writes. Type aliases, so that a log is JSON. */
export type SarifLog = {
  readonly $schema: string;
  readonly version: "2.1.0";
  readonly runs: readonly SarifRun[];
};

export type SarifLevel = "error" | "warning" | "note";

export type SarifRun = {
  readonly tool: { readonly driver: SarifDriver };
  readonly invocations: readonly SarifInvocation[];
  readonly artifacts: readonly { readonly location: { readonly uri: string } }[];
  readonly results: readonly SarifResult[];
  readonly columnKind: "utf16CodeUnits";
};

export type SarifDriver = {
  readonly name: string;
  readonly version: string;
  readonly informationUri: string;
  readonly rules: readonly SarifRule[];
};

export type SarifRule = {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly helpUri: string;
  readonly defaultConfiguration: { readonly level: SarifLevel };
  readonly properties: {
    readonly category: string;
    readonly swc?: string;
    readonly "security-severity": string;
    readonly tags: readonly string[];
  };
};

export type SarifInvocation = {
  readonly executionSuccessful: boolean;
  readonly toolExecutionNotifications: readonly {
    readonly level: SarifLevel;
    readonly message: { readonly text: string };
    readonly locations: readonly SarifLocation[];
  }[];
};

export type SarifLocation = {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string; readonly index: number };
    readonly region: {
      readonly startLine: number;
      readonly startColumn: number;
      readonly endLine: number;
      readonly endColumn: number;
    };
  };
};

export type SarifResult = {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: SarifLevel;
  readonly message: { readonly text: string };
  readonly locations: readonly SarifLocation[];
  readonly partialFingerprints?: { readonly [name: string]: string };
  readonly properties: {
    readonly severity: string;
    readonly "security-severity": string;
    /** The analysers that found it. */
    readonly tools: readonly string[];
  };
};
