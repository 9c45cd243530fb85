//! Whether insertions into a Python module are made of complete elements.

use ruff_python_ast::visitor::{Visitor, walk_arguments, walk_expr, walk_parameters, walk_stmt};
use ruff_python_ast::{Arguments, Expr, ModModule, Parameters, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged, TextSize};

use super::insertions::Spot;

/// A module and where its lines begin.
pub(super) struct Reader {
    module: Option<ModModule>,
    starts: Vec<TextSize>,
}

impl Reader {
    pub(super) fn new(text: &str) -> Self {
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .filter_map(|at| TextSize::try_from(at).ok());
        Self {
            module: parse_module(text).ok().map(ruff_python_parser::Parsed::into_syntax),
            starts: starts.collect(),
        }
    }

    /// Whether no statement or expression lies in both insertions or only in part in one.
    pub(super) fn are_whole(&self, spot: Spot) -> bool {
        let Some(module) = &self.module else { return false };
        let mut check = Check {
            starts: &self.starts,
            spot,
            is_whole: true,
        };
        check.visit_body(&module.body);
        check.is_whole
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Before,
    First,
    Second,
    After,
}

struct Check<'a> {
    starts: &'a [TextSize],
    spot: Spot,
    is_whole: bool,
}

impl Check<'_> {
    fn part(&self, offset: TextSize) -> Part {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        if line < self.spot.start {
            Part::Before
        } else if line < self.spot.middle {
            Part::First
        } else if line < self.spot.end {
            Part::Second
        } else {
            Part::After
        }
    }

    fn parts(&self, node: &impl Ranged) -> (Part, Part) {
        let last = node.end().checked_sub(TextSize::new(1)).unwrap_or_default();
        (self.part(node.start()), self.part(last.max(node.start())))
    }

    fn need(&mut self, is_whole: bool) {
        self.is_whole &= is_whole;
    }

    /// The order of parameters and of arguments without a name is theirs alone who wrote the function.
    fn need_one_writer<'a>(&mut self, places: impl Iterator<Item = &'a (impl Ranged + 'a)>) {
        let parts: Vec<_> = places.map(|place| self.part(place.start())).collect();
        self.need(!(parts.contains(&Part::First) && parts.contains(&Part::Second)));
    }
}

/// Whether its last lines are statements of their own, to which more can be added.
const fn has_body(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::With(_)
            | Stmt::Match(_)
            | Stmt::Try(_)
    )
}

impl<'a> Visitor<'a> for Check<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let (start, end) = self.parts(statement);
        self.need(start == end || (start == Part::Before && (end == Part::After || has_body(statement))));
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        let (start, end) = self.parts(expression);
        self.need(start == end || (start == Part::Before && end == Part::After));
        walk_expr(self, expression);
    }

    fn visit_arguments(&mut self, arguments: &'a Arguments) {
        self.need_one_writer(arguments.args.iter());
        walk_arguments(self, arguments);
    }

    fn visit_parameters(&mut self, parameters: &'a Parameters) {
        let positional: Vec<_> = parameters.posonlyargs.iter().chain(&parameters.args).collect();
        self.need_one_writer(positional.iter().map(|parameter| &parameter.parameter));
        walk_parameters(self, parameters);
    }
}
