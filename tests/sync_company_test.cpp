#define CAF_SUITE sync_company_test

#include "muster/actors/sync_company.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;
using namespace std::chrono_literals;
using wait = sync_company::wait;

namespace {

constexpr bool first = true;
constexpr bool followed = true;

} // namespace

CAF_TEST(who is alone waits for the mail that is there) {
  sync_company company;
  CAF_CHECK(company.joined(first, !followed) == wait::for_mail);
  CAF_CHECK(!company.waits_for_others());
  CAF_CHECK(company.joined(!first, !followed) == wait::as_before);
}

CAF_TEST(who is followed waits for others until one comes who is followed by nobody) {
  sync_company company;
  CAF_CHECK(company.joined(first, followed) == wait::for_others);
  CAF_CHECK(company.waits_for_others());
  CAF_CHECK(company.joined(!first, followed) == wait::as_before);
  CAF_CHECK(company.joined(!first, !followed) == wait::for_mail);
  CAF_CHECK(!company.waits_for_others());
}

CAF_TEST(a group that is about to end is not held up by who is followed) {
  sync_company company;
  CAF_CHECK(company.joined(first, !followed) == wait::for_mail);
  CAF_CHECK(company.joined(!first, followed) == wait::as_before);
  CAF_CHECK(!company.waits_for_others());
}

CAF_TEST(each group is told from the one before however that ended) {
  sync_company company;
  CAF_CHECK(company.joined(first, followed) == wait::for_others);
  const auto before = company.group();
  CAF_CHECK(company.joined(first, followed) == wait::for_others);
  CAF_CHECK(company.group() != before);
  const auto open = company.group();
  company.parted(1ms);
  CAF_CHECK(company.group() != open);
  CAF_CHECK(!company.waits_for_others());
}

CAF_TEST(nobody waits longer than the last sync took nor than the most) {
  sync_company company;
  company.parted(3ms);
  CAF_CHECK(company.patience() == 3ms);
  company.parted(1s);
  CAF_CHECK(company.patience() == sync_company::most);
  // A clock that was set back.
  company.parted(-1s);
  CAF_CHECK(company.patience() == 0s);
}
