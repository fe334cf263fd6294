//! The columns that an expression, a term or a formula needs.

use crate::ast::{EffectTerm, Expr, ExprKind, Factor, Formula, Instruments, Term, UnaryOp};

fn add(list: &mut Vec<String>, name: &str) {
    if !list.iter().any(|known| known == name) {
        list.push(name.to_owned());
    }
}

fn visit(expr: &Expr, list: &mut Vec<String>) {
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::Text(_) => {}
        ExprKind::Column(name) => add(list, name),
        ExprKind::Unary(_, operand) | ExprKind::IsMissing(operand, _) => visit(operand, list),
        ExprKind::Binary(_, left, right) => {
            visit(left, list);
            visit(right, list);
        }
        ExprKind::Call(_, arguments) => arguments.iter().for_each(|a| visit(a, list)),
        ExprKind::In(operand, members, _) => {
            visit(operand, list);
            members.iter().for_each(|m| visit(m, list));
        }
    }
}

impl Expr {
    /// Names of the columns used, each once, in order of appearance.
    pub fn columns(&self) -> Vec<String> {
        let mut list = Vec::new();
        visit(self, &mut list);
        list
    }

    /// Whether a lag, lead or difference occurs in it, so that a panel is needed.
    pub fn needs_panel(&self) -> bool {
        match &self.kind {
            ExprKind::Number(_) | ExprKind::Text(_) | ExprKind::Column(_) => false,
            ExprKind::Unary(_, operand) | ExprKind::IsMissing(operand, _) => operand.needs_panel(),
            ExprKind::Binary(_, left, right) => left.needs_panel() || right.needs_panel(),
            ExprKind::Call(name, arguments) => {
                matches!(*name, "l" | "f" | "d") || arguments.iter().any(Self::needs_panel)
            }
            ExprKind::In(operand, members, _) => {
                operand.needs_panel() || members.iter().any(Self::needs_panel)
            }
        }
    }

    /// The value of a whole number, possibly with a sign; `None` for everything else.
    pub fn whole_number(&self) -> Option<i64> {
        match &self.kind {
            ExprKind::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                Some(*value as i64)
            }
            ExprKind::Unary(UnaryOp::Negate, operand) => {
                operand.whole_number().map(std::ops::Neg::neg)
            }
            _ => None,
        }
    }
}

impl Term {
    fn visit(&self, list: &mut Vec<String>) {
        for factor in &self.factors {
            match factor {
                Factor::Expr(expr) => visit(expr, list),
                Factor::Levels { column, by, .. } => {
                    visit(column, list);
                    if let Some(by) = by {
                        visit(by, list);
                    }
                }
            }
        }
    }

    /// Names of the columns used, each once, in order of appearance.
    pub fn columns(&self) -> Vec<String> {
        let mut list = Vec::new();
        self.visit(&mut list);
        list
    }

    /// Whether a lag, lead or difference occurs in it, so that a panel is needed.
    pub fn needs_panel(&self) -> bool {
        self.factors.iter().any(|factor| match factor {
            Factor::Expr(expr) => expr.needs_panel(),
            Factor::Levels { column, by, .. } => {
                column.needs_panel() || by.as_ref().is_some_and(Expr::needs_panel)
            }
        })
    }
}

impl EffectTerm {
    fn visit(&self, list: &mut Vec<String>) {
        self.columns.iter().for_each(|name| add(list, name));
        self.slopes.iter().for_each(|slope| visit(slope, list));
    }

    /// Names of the columns used, each once, in order of appearance.
    pub fn columns_used(&self) -> Vec<String> {
        let mut list = Vec::new();
        self.visit(&mut list);
        list
    }
}

impl Instruments {
    /// Endogenous regressors, then excluded instruments.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.endogenous.iter().chain(&self.excluded)
    }
}

impl Formula {
    /// All terms but the effects: regressors, then endogenous regressors, then excluded instruments.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.regressors
            .iter()
            .chain(self.instruments.iter().flat_map(Instruments::terms))
    }

    /// Names of the columns used, each once: outcome, regressors, effects, instruments.
    pub fn columns(&self) -> Vec<String> {
        let mut list = self.outcome.columns();
        self.regressors.iter().for_each(|t| t.visit(&mut list));
        self.effects.iter().for_each(|e| e.visit(&mut list));
        for term in self.instruments.iter().flat_map(Instruments::terms) {
            term.visit(&mut list);
        }
        list
    }

    /// Whether a lag, lead or difference occurs in it, so that a panel is needed.
    pub fn needs_panel(&self) -> bool {
        self.outcome.needs_panel()
            || self.terms().any(Term::needs_panel)
            || self
                .effects
                .iter()
                .any(|e| e.slopes.iter().any(Expr::needs_panel))
    }
}
