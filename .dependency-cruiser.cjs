// Which folder may know which. The order is the whole rule.
const LEVELS = [
  ["core"],
  ["logger"],
  ["defer"],
  ["internet"],
  ["reactors", "plugin", "cred", "service"],
  ["protocols", "streams", "recorder"],
  ["spread"],
  ["web", "mail", "names", "words", "conch", "enterprise"],
  ["application"],
  ["console", "cli"],
];
const test = "\\.test\\.ts$";
const layering = LEVELS.flatMap((areas, level) =>
  areas.map((area) => ({
    name: `layers: ${area}`,
    severity: "error",
    from: { path: `^src/${area}/`, pathNot: test },
    to: {
      path: `^src/(${
        LEVELS.slice(level)
          .flat()
          .filter((other) => other !== area)
          .join("|") || "$."
      })/`,
    },
  })),
);
module.exports = {
  forbidden: [
    ...layering,
    { name: "no circles, types included", severity: "error", from: {}, to: { circular: true } },
    {
      name: "index.ts is for users",
      severity: "error",
      from: { path: "^src/", pathNot: test },
      to: { path: "^src/.*/index\\.ts$" },
    },
    {
      name: "_files stay in their folder",
      severity: "error",
      from: { path: "^(src/.+)/[^/]+$" },
      to: { path: "/_[^/]+\\.ts$", pathNot: "^$1/" },
    },
    {
      name: "wire/ is pure",
      severity: "error",
      from: { path: "/wire/", pathNot: test },
      to: { pathNot: ["/wire/", "^src/core/"] },
    },
    {
      name: "sockets live in reactors/",
      severity: "error",
      // What a simulation must refuse, it must know by name.
      from: {
        path: "^src/",
        pathNot: [
          "^src/reactors/(node|epoll)/",
          "^src/testing/simulation/(globals|scenario-process).ts$", // The other has seeds run.
          test,
        ],
      },
      to: {
        path: "^(node:)?(net|tls|dgram|dns|dns/promises|child_process|worker_threads|cluster)$",
      },
    },
    {
      name: "protocols never reach sockets",
      severity: "error",
      from: { path: "^src/(protocols|streams)/", pathNot: test },
      to: { reachable: true, path: "^src/reactors/(node|epoll)/" },
    },
    {
      name: "testing/ is for tests",
      severity: "error",
      // But for the commands that run tests.
      from: { path: "^src/(?!testing/)", pathNot: ["^src/cli/(sim|replay|record)", test] },
      to: { path: "^src/testing/" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
