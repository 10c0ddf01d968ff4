#define CAF_SUITE index_concern_test

#include "muster/actors/index_concern.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

namespace {

const std::string here = "/p/here";
const agent_id resident{"resident"};
const agent_id other{"other"};
const instance_id own{"own"};

index_change folding(op what) {
  fold_commit result;
  result.made.ops = {agent_put{agent_id{"third"}, {}, {}}, std::move(what)};
  return result;
}
bool concerns(op what, const std::optional<agent_id>& whose = resident) {
  return concerns_path(folding(std::move(what)), here, whose);
}
bool concerns_resident(op what) {
  return concerns_agent(folding(std::move(what)), resident);
}
place_put placed(const agent_id& agent, const std::string& path) {
  return {agent, own, path, {}, "team", true};
}
deny_put denied(const std::string& path) {
  deny_put put;
  put.owner = own;
  put.path = path;
  return put;
}

} // namespace

CAF_TEST(fields and rules and conflicts do not concern a path) {
  CAF_CHECK(!concerns(agent_put{resident, {}, {}}));
  CAF_CHECK(!concerns(rule_put{}));
  CAF_CHECK(!concerns(rule_drop{}));
  CAF_CHECK(!concerns(resolve{}));
}

CAF_TEST(who comes to a path concerns it and so does who lives there and moves or goes) {
  CAF_CHECK(concerns(placed(other, here)));
  CAF_CHECK(concerns(placed(resident, "/p/elsewhere")));
  CAF_CHECK(concerns(place_drop{resident, own}));
  CAF_CHECK(concerns(agent_drop{resident, {}}));
  CAF_CHECK(!concerns(placed(other, "/p/elsewhere")));
  CAF_CHECK(!concerns(place_drop{other, own}));
  CAF_CHECK(!concerns(agent_drop{other, {}}));
  CAF_CHECK(!concerns(place_drop{other, own}, std::nullopt));
  CAF_CHECK(!concerns(agent_drop{other, {}}, std::nullopt));
  CAF_CHECK(concerns(placed(other, here), std::nullopt));
}

CAF_TEST(denials concern their own path and what lies below) {
  CAF_CHECK(concerns(denied(here)));
  CAF_CHECK(concerns(denied("/p")));
  CAF_CHECK(concerns(denied("/")));
  CAF_CHECK(!concerns(denied(here + std::string("/below"))));
  CAF_CHECK(concerns(deny_drop{own, here}));
  CAF_CHECK(!concerns(denied("/p/elsewhere")));
  CAF_CHECK(!concerns(deny_drop{own, "/p/elsewhere"}));
}

CAF_TEST(an instance that is retired may concern any path) {
  CAF_CHECK(concerns(peer_retire{}, std::nullopt));
}

CAF_TEST(what is observed does not concern a path and concerns its own agent) {
  record_held record;
  record.held.agent = resident;
  note_observation note;
  note.agent = resident;
  note_copies copies;
  copies.agent = resident;
  for (const auto& change : {index_change{record}, index_change{note}, index_change{copies}}) {
    CAF_CHECK(!concerns_path(change, here, resident));
    CAF_CHECK(concerns_agent(change, resident));
    CAF_CHECK(!concerns_agent(change, other));
  }
}

CAF_TEST(an agent is concerned by what is said of its fields and places and by a loss of an instance) {
  CAF_CHECK(concerns_resident(agent_put{resident, {}, {}}));
  CAF_CHECK(concerns_resident(agent_drop{resident, {}}));
  CAF_CHECK(concerns_resident(placed(resident, here)));
  CAF_CHECK(concerns_resident(place_drop{resident, own}));
  CAF_CHECK(concerns_resident(resolve{field_key{resident, "name"}, {}, {}, {}, {}}));
  CAF_CHECK(concerns_resident(peer_retire{}));
  CAF_CHECK(!concerns_resident(agent_put{other, {}, {}}));
  CAF_CHECK(!concerns_resident(placed(other, here)));
  CAF_CHECK(!concerns_resident(resolve{field_key{other, "name"}, {}, {}, {}, {}}));
  CAF_CHECK(!concerns_resident(denied(here)));
  CAF_CHECK(!concerns_resident(rule_put{}));
}
