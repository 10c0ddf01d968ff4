#include "muster/runner/topology_picture.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace muster {

namespace {

// All in pixels.
constexpr int margin = 24;
constexpr int head_height = 78;
constexpr int name_width = 190;
constexpr int chip_width = 168;
constexpr int chip_height = 38;
constexpr int gap = 8;
constexpr int lane_step = 12;
constexpr int first_lane = 20;
constexpr int port_step = 9;
constexpr int corner = 5;
constexpr int foot_height = 64;
constexpr std::size_t most_columns = 5;
constexpr std::size_t name_columns = 22;
constexpr std::size_t chip_columns = 19;
constexpr std::size_t detail_columns = 25;
constexpr std::size_t text_columns = 160;
/// Rules that are drawn on one side; what is more is told.
constexpr std::size_t most_links = 600;

/// A rectangle where a namespace is drawn.
struct box {
  int top = 0;
  int height = 0;
};

/// A line from one box to another along its own lane.
struct route {
  const topology_picture::link* link = nullptr;
  int from = 0; ///< where it leaves, from the top of the picture
  int to = 0;
  std::size_t lane = 0;
};

/// The rules of one side of the boxes.
struct side {
  std::vector<route> routes;
  std::size_t lanes = 0;
  std::size_t left_out = 0;
  [[nodiscard]] int width() const { return lanes == 0 ? 0 : first_lane + static_cast<int>(lanes) * lane_step; }
};

class drawing {
public:
  explicit drawing(const topology_picture& what) : what_(what) {
    route_links(allowed_, true);
    route_links(denied_, false);
    place_boxes();
    place_ports(allowed_);
    place_ports(denied_);
    take_lanes(allowed_);
    take_lanes(denied_);
  }

  [[nodiscard]] std::string text() {
    const int width = std::max(right() + allowed_.width() + margin, 860);
    const int height = bottom_ + foot_height;
    text_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + std::to_string(width) + "\" height=\"" +
            std::to_string(height) + "\" viewBox=\"0 0 " + std::to_string(width) + " " + std::to_string(height) +
            "\" font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"12\">\n"
            "<defs>\n"
            "<marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" "
            "orient=\"auto-start-reverse\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"#1a7f37\"/></marker>\n"
            "<marker id=\"bar\" viewBox=\"0 0 4 10\" refX=\"3\" refY=\"5\" markerWidth=\"4\" markerHeight=\"10\" "
            "orient=\"auto-start-reverse\"><path d=\"M3,0 L3,10\" stroke=\"#cf222e\" stroke-width=\"2\"/></marker>\n"
            "</defs>\n";
    rectangle(0, 0, width, height, "fill=\"#ffffff\"");
    draw_head();
    for (std::size_t i = 0; i < what_.groups.size(); ++i)
      draw_box(what_.groups[i], boxes_[i]);
    draw_side(denied_, false);
    draw_side(allowed_, true);
    draw_foot();
    return std::move(text_) + "</svg>\n";
  }

private:
  [[nodiscard]] int left() const { return margin + denied_.width(); }
  [[nodiscard]] int right() const {
    return left() + name_width + static_cast<int>(columns_) * (chip_width + gap) + gap;
  }

  void route_links(side& to, bool allows) const {
    for (const auto& link : what_.links)
      if (link.allows == allows) {
        if (to.routes.size() < most_links)
          to.routes.push_back({&link});
        else
          ++to.left_out;
      }
  }

  /// A box is as high as its agents and the ends of its lines need.
  void place_boxes() {
    for (const auto& group : what_.groups)
      columns_ = std::max(columns_, std::min(group.agents.size(), most_columns));
    std::vector<std::pair<int, int>> ends(what_.groups.size()); // on the right, on the left
    for (const auto& each : allowed_.routes) {
      ++ends[each.link->source].first;
      ++ends[each.link->target].first;
    }
    for (const auto& each : denied_.routes) {
      ++ends[each.link->source].second;
      ++ends[each.link->target].second;
    }
    int top = margin + head_height;
    for (std::size_t i = 0; i < what_.groups.size(); ++i) {
      const auto rows = static_cast<int>((what_.groups[i].agents.size() + columns_ - 1) / columns_);
      const int for_agents = std::max(rows, 1) * (chip_height + gap) + gap;
      const int for_ends = (std::max(ends[i].first, ends[i].second) + 1) * port_step;
      boxes_.push_back({top, std::max(for_agents, for_ends)});
      top += boxes_.back().height + gap;
    }
    bottom_ = top;
  }

  /// The ends at a box stand below each other in the order of where the lines go,
  /// so that lines between the same boxes do not cross.
  void place_ports(side& of) const {
    struct end {
      std::size_t at, other, number;
      int* port;
    };
    std::vector<end> ends;
    for (std::size_t i = 0; i < of.routes.size(); ++i) {
      auto& each = of.routes[i];
      ends.push_back({each.link->source, each.link->target, i, &each.from});
      ends.push_back({each.link->target, each.link->source, i, &each.to});
    }
    std::ranges::sort(
        ends, {}, [](const end& each) { return std::tuple(each.at, each.other > each.at, each.other, each.number); });
    for (std::size_t begin = 0; begin < ends.size();) {
      std::size_t past = begin;
      while (past < ends.size() && ends[past].at == ends[begin].at)
        ++past;
      const auto& at = boxes_[ends[begin].at];
      const auto count = static_cast<int>(past - begin);
      for (std::size_t i = begin; i < past; ++i)
        *ends[i].port = at.top + at.height * (static_cast<int>(i - begin) + 1) / (count + 1);
      begin = past;
    }
  }

  /// The shortest lines run next to the boxes; two in one lane never touch.
  static void take_lanes(side& of) {
    std::vector<route*> order;
    order.reserve(of.routes.size());
    for (auto& each : of.routes)
      order.push_back(&each);
    const auto span = [](const route* each) { return std::abs(each->to - each->from); };
    std::ranges::stable_sort(order, {}, span);
    std::vector<std::vector<std::pair<int, int>>> taken;
    for (auto* each : order) {
      const int top = std::min(each->from, each->to);
      const int bottom = std::max(each->from, each->to);
      const auto free = [top, bottom](const auto& lane) {
        return std::ranges::none_of(
            lane, [&](const auto& other) { return top <= other.second + corner && other.first <= bottom + corner; });
      };
      const auto lane = std::ranges::find_if(taken, free);
      each->lane = static_cast<std::size_t>(lane - taken.begin());
      if (lane == taken.end())
        taken.emplace_back();
      taken[each->lane].emplace_back(top, bottom);
    }
    of.lanes = taken.size();
  }

  void rectangle(int x, int y, int width, int height, std::string_view style) {
    text_ += "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" width=\"" + std::to_string(width) +
             "\" height=\"" + std::to_string(height) + "\" ";
    text_.append(style).append("/>\n");
  }

  void words(int x, int y, const std::string& foreign, std::size_t columns, std::string_view style) {
    text_ += "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" ";
    text_.append(style).append(">").append(picture_text(foreign, columns)).append("</text>\n");
  }

  void draw_head() {
    words(margin, margin + 14, picture_title(what_), text_columns,
          "font-size=\"18\" font-weight=\"bold\" fill=\"#1f2328\"");
    words(margin, margin + 36,
          "Agents of one namespace reach each other; between namespaces only what an arrow allows passes.",
          text_columns, "fill=\"#57606a\"");
    if (const auto sentence = switch_sentence(what_.switched); !sentence.empty())
      words(margin, margin + 56, sentence, text_columns,
            what_.switched == topology_picture::mesh::open ? "font-weight=\"bold\" fill=\"#1a7f37\""
                                                           : "font-weight=\"bold\" fill=\"#cf222e\"");
  }

  void draw_box(const topology_picture::group& group, const box& at) {
    const bool empty = group.agents.empty();
    rectangle(left(), at.top, right() - left(), at.height,
              empty ? "rx=\"6\" fill=\"#ffffff\" stroke=\"#8c959f\" stroke-dasharray=\"4 3\""
                    : "rx=\"6\" fill=\"#f6f8fa\" stroke=\"#8c959f\"");
    words(left() + 12, at.top + 22, group.name, name_columns, "font-size=\"13\" font-weight=\"bold\" fill=\"#1f2328\"");
    words(left() + 12, at.top + 38,
          empty ? "no agent" : std::to_string(group.agents.size()) + (group.agents.size() == 1 ? " agent" : " agents"),
          name_columns, "font-size=\"10\" fill=\"#57606a\"");
    for (std::size_t i = 0; i < group.agents.size(); ++i)
      draw_agent(group.agents[i], left() + name_width + static_cast<int>(i % columns_) * (chip_width + gap),
                 at.top + gap + static_cast<int>(i / columns_) * (chip_height + gap));
  }

  void draw_agent(const topology_picture::agent& agent, int x, int y) {
    const bool here = agent.status == "active";
    const bool admitted = agent.status != "unadmitted";
    rectangle(x, y, chip_width, chip_height,
              !admitted         ? "rx=\"4\" fill=\"#ffffff\" stroke=\"#9a6700\" stroke-dasharray=\"3 2\""
              : agent.is_system ? "rx=\"4\" fill=\"#ffffff\" stroke=\"#0969da\" stroke-width=\"2\""
                                : "rx=\"4\" fill=\"#ffffff\" stroke=\"#d0d7de\"");
    draw_mark(agent.status, agent.health, x + 14, y + 19);
    words(x + 28, y + 16, agent.name, chip_columns, here ? "fill=\"#1f2328\"" : "fill=\"#6e7781\"");
    auto detail = agent.runtime;
    if (!here)
      detail += ", " + agent.status;
    if (agent.is_system)
      detail += ", reaches all";
    words(x + 28, y + 30, detail, detail_columns, "font-size=\"9\" fill=\"#57606a\"");
  }

  /// By shape, too, for those who do not tell the colours apart.
  void draw_mark(std::string_view status, std::string_view health, int x, int y) {
    const auto at = "cx=\"" + std::to_string(x) + "\" cy=\"" + std::to_string(y) + "\" r=\"5\" ";
    if (status != "active" && status != "unadmitted")
      text_ += "<path d=\"M" + std::to_string(x - 4) + "," + std::to_string(y - 4) +
               " l8,8 m0,-8 l-8,8\" "
               "stroke=\"#cf222e\" stroke-width=\"2\"/>\n";
    else if (health == "active")
      text_ += "<circle " + at + "fill=\"#1a7f37\" stroke=\"#1a7f37\"/>\n";
    else if (health == "inactive")
      text_ += "<circle " + at + "fill=\"none\" stroke=\"#bf8700\" stroke-width=\"2\"/><circle cx=\"" +
               std::to_string(x) + "\" cy=\"" + std::to_string(y) + "\" r=\"2\" fill=\"#bf8700\"/>\n";
    else
      text_ += "<circle " + at + "fill=\"none\" stroke=\"#8c959f\" stroke-width=\"1.5\"/>\n";
  }

  void draw_side(const side& of, bool allows) {
    const int edge = allows ? right() : left();
    const int away = allows ? 1 : -1;
    for (const auto& each : of.routes) {
      const int lane = edge + away * (first_lane + static_cast<int>(each.lane) * lane_step);
      const int down = each.to > each.from ? 1 : -1;
      const auto point = [](int x, int y) { return std::to_string(x) + "," + std::to_string(y); };
      text_ += "<path fill=\"none\" stroke-width=\"1.5\" ";
      text_ += allows ? "stroke=\"#1a7f37\" marker-end=\"url(#arrow)\""
                      : "stroke=\"#cf222e\" stroke-dasharray=\"5 3\" marker-end=\"url(#bar)\"";
      if (each.link->both_ways)
        text_ += allows ? " marker-start=\"url(#arrow)\"" : " marker-start=\"url(#bar)\"";
      text_ += " d=\"M" + point(edge + away, each.from) + " L" + point(lane - away * corner, each.from) + " Q" +
               point(lane, each.from) + " " + point(lane, each.from + down * corner) + " L" +
               point(lane, each.to - down * corner) + " Q" + point(lane, each.to) + " " +
               point(lane - away * corner, each.to) + " L" + point(edge + away, each.to) + "\"><title>" +
               picture_text(what_.groups[each.link->source].name, text_columns) +
               (each.link->both_ways ? " and " : " to ") +
               picture_text(what_.groups[each.link->target].name, text_columns) + (allows ? ": allowed" : ": denied") +
               "</title></path>\n";
    }
  }

  void draw_foot() {
    const int y = bottom_ + 22;
    int x = margin;
    const auto entry = [&](std::string_view status, std::string_view health, const std::string& says, int width) {
      draw_mark(status, health, x + 6, y - 4);
      words(x + 16, y, says, text_columns, "font-size=\"11\" fill=\"#57606a\"");
      x += width;
    };
    entry("active", "active", "seen lately", 100);
    entry("active", "inactive", "not for a while", 120);
    entry("active", "stale", "not for long, or never", 160);
    entry("unreachable", "", "not to be reached, or its manifest is not good", 290);
    const std::string second = "green, on the right: allowed · red, on the left: denied · blue frame: system agent · "
                               "broken frame: not admitted, or nobody there";
    words(margin, y + 20, second, text_columns, "font-size=\"11\" fill=\"#57606a\"");
    if (const auto more = allowed_.left_out + denied_.left_out; more > 0)
      words(margin, y + 38, "and " + std::to_string(more) + " rules that are not drawn; see muster access list",
            text_columns, "font-size=\"11\" fill=\"#cf222e\"");
  }

  const topology_picture& what_;
  side allowed_;
  side denied_;
  std::vector<box> boxes_;
  std::size_t columns_ = 1;
  int bottom_ = 0;
  std::string text_;
};

} // namespace

std::string svg_of(const topology_picture& what) {
  return drawing(what).text();
}

} // namespace muster
