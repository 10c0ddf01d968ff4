#include "muster/runner/scan_documents.hpp"

#include "muster/runner/document_text.hpp"
#include "muster/runner/documents.hpp"
#include "muster/runner/terminal_text.hpp"

namespace muster {

namespace {

std::string candidate_document(const scan_candidate& what) {
  object_text hints;
  hints.text("suggestedName", what.suggested_name)
      .text("detectedRuntime", what.runtime)
      .list("inferredCapabilities", what.capabilities, [](const std::string& each) { return json_text(each); })
      .text_if("description", what.description);
  object_text text;
  text.path("path", what.path)
      .path("scanRoot", what.scan_root)
      .text("strategy", what.strategy)
      .text("runtime", what.runtime)
      .text("suggestedName", what.suggested_name)
      .raw("hints", hints.take())
      .flag("denied", what.denied);
  return text.take();
}

std::string agent_document(const scanned_agent& what) {
  object_text text;
  text.text("id", what.agent.text).text("name", what.name).path("path", what.path);
  if (what.home != what.path)
    text.path_if("home", what.home);
  if (what.taken)
    text.flag("registered", true);
  return text.take();
}

std::string denial_document(const scan_denial& what) {
  object_text text;
  text.path("path", what.path).text_if("reason", what.reason).text_if("strategy", what.strategy);
  return text.take();
}

std::string problem_document(const scan_problem& what) {
  object_text text;
  text.path_if("path", what.path).text("kind", what.kind).text("message", what.message);
  return text.take();
}

std::string counts_document(const scan_counts& what) {
  object_text text;
  text.number("unreadable", what.unreadable)
      .number("vanished", what.vanished)
      .number("mounts", what.mounts)
      .number("repeated", what.repeated)
      .number("hung", what.hung)
      .number("invalid", what.invalid);
  return text.take();
}

} // namespace

std::string scan_document(const scan_report& what) {
  object_text text;
  text.list("candidates", what.candidates, candidate_document)
      .list("existing", what.existing, agent_document)
      .list("duplicates", what.duplicates, agent_document)
      .list("unadmitted", what.unadmitted, agent_document)
      .list("unregistered", what.unregistered, agent_document)
      .list("denied", what.denied, denial_document)
      .list("roots", what.roots, [](const std::string& each) { return path_json(each); })
      .number("scannedDirs", what.scanned)
      .flag("truncated", what.truncated)
      .flag("cancelled", what.cancelled)
      .duration("durationMs", what.took)
      .raw("notSeen", counts_document(what.counts))
      .list("problems", what.problems, problem_document)
      .number("moreProblems", what.more_problems);
  return text.take();
}

std::string scan_progress_document(const scan_progress& what) {
  object_text text;
  text.number("scannedDirs", what.scanned)
      .number("waitingDirs", what.waiting)
      .number("candidates", what.candidates)
      .number("manifests", what.manifests)
      .number("taken", what.taken);
  return text.take();
}

std::string scan_cancelled_document(const scan_cancelled& what) {
  return object_text().flag("cancelled", what.was_there).take();
}

} // namespace muster
