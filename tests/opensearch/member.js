// A node that is one of several, each a process of its own, where the runner's own program makes one that is alone.
// The arguments are the runner's; whom it is together with stands in its opensearch.yml.
const runner = new Packages.org.codelibs.opensearch.runner.OpenSearchRunner();
runner.onBuild(function (number, settings) {
  settings.put("discovery.type", "zen");
});
runner.build(arguments);
for (;;) {
  Packages.java.lang.Thread.sleep(60000);
}
