//! Which money may be taken back how, until when and where: one rule for each sort of card, as data (`assets/undo_rules.toml`).

use serde::{Deserialize, Serialize};

use crate::domain::master::Media;
use crate::domain::tender::CardClass;
use crate::domain::text::Bilingual;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What the books call it.
    pub name: String,
    /// What the screen calls it.
    pub title: Bilingual,
    /// The sorts of money it is for.
    #[serde(default)]
    pub media: Vec<Money>,
    /// The カード区分 it is for. They stand above the sorts of money.
    #[serde(default)]
    pub classes: Vec<CardClass>,
    /// The 連携機種 it is for; empty for every one. Their rules stand above those for every one.
    #[serde(default)]
    pub models: Vec<String>,
    /// Until when the terminal takes a 取消. Never later than the business day of the sale.
    pub void: Window,
    /// Until when the terminal takes a 返品.
    pub refund: Window,
    /// The restrictions besides.
    #[serde(default)]
    pub only: Vec<Only>,
    /// Whether cash may be given back where the card cannot take it.
    pub cash: CashBack,
    /// What staff should know.
    pub note: Bilingual,
    /// Where the rule is from.
    pub source: String,
    /// 要確認: not confirmed by the site's own contract yet.
    pub to_confirm: bool,
}

/// What moved the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Money {
    /// 現金.
    Cash,
    /// クレジット.
    Credit,
    /// デビット.
    Debit,
    /// 電子マネー.
    ElectronicMoney,
    /// コード決済.
    Code,
}

impl Money {
    /// Every sort.
    pub const ALL: [Money; 5] = [
        Money::Cash,
        Money::Credit,
        Money::Debit,
        Money::ElectronicMoney,
        Money::Code,
    ];

    /// The word of a rules file.
    pub const fn word(self) -> &'static str {
        match self {
            Money::Cash => "cash",
            Money::Credit => "credit",
            Money::Debit => "debit",
            Money::ElectronicMoney => "electronic_money",
            Money::Code => "code",
        }
    }
}

impl From<Media> for Money {
    fn from(media: Media) -> Money {
        match media {
            Media::Credit => Money::Credit,
            Media::Debit => Money::Debit,
            Media::ElectronicMoney => Money::ElectronicMoney,
            Media::Code => Money::Code,
        }
    }
}

/// Until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Not at all.
    Never,
    /// On the business day of the sale, before the terminal's 日計.
    TerminalDay,
    /// So many days after the business day of the sale.
    WithinDays(u16),
    /// Without a limit that is known; of a 取消, on the business day of the sale whatever the terminal did.
    Always,
}

/// A restriction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// Only the whole amount.
    Whole,
    /// Only at the terminal that sold.
    SameTerminal,
    /// Only the last transaction of that terminal and card.
    Last,
}

/// Whether cash may be given back where the card cannot take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CashBack {
    /// Never: credit.
    Never,
    /// Where a second person allows it.
    WithApproval,
    /// Cash is the way.
    Instead,
}

impl Rule {
    /// True where the restriction holds.
    pub fn says(&self, only: Only) -> bool {
        self.only.contains(&only)
    }

    /// How closely it fits, the closest the most; `None` where it does not.
    fn fit(&self, money: Money, class: Option<CardClass>, model: Option<&str>) -> Option<u8> {
        let by_model = match (self.models.is_empty(), model) {
            (true, _) => 0,
            (false, Some(model)) if self.models.iter().any(|name| name == model) => 1,
            (false, _) => return None,
        };
        if class.is_some_and(|class| self.classes.contains(&class)) {
            Some(2 + by_model)
        } else if self.media.contains(&money) {
            Some(by_model)
        } else {
            None
        }
    }

    /// What cannot stand: the key, what is wrong, what to do.
    fn fault(&self) -> Option<(&'static str, String, &'static str)> {
        if self.media.is_empty() && self.classes.is_empty() {
            let problem = format!("rule `{}` is for nothing", self.name);
            return Some((
                "name",
                problem,
                "say which: media = [\"credit\"], or classes = [3]",
            ));
        }
        if matches!(self.void, Window::WithinDays(_)) {
            let problem = "a 取消 is of the business day of the sale".to_owned();
            return Some((
                "void",
                problem,
                "write \"terminal_day\" or \"always\" here, and the days at refund",
            ));
        }
        if self.media.contains(&Money::Credit) && self.cash != CashBack::Never {
            let problem = "credit is never given back in cash".to_owned();
            return Some(("cash", problem, "write \"never\""));
        }
        if self.media.contains(&Money::Cash) && self.cash != CashBack::Instead {
            let problem = "cash is given back in cash".to_owned();
            return Some(("cash", problem, "write \"instead\""));
        }
        None
    }
}

/// The rules there are. Where two fit equally, the later one stands: a site's rules come after the shipped ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleTable(Vec<Rule>);

/// Rules that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {remedy}")]
pub struct RuleFault {
    /// Which of the rules put in, counted from 0; `None` where one is missing.
    pub rule: Option<usize>,
    /// The key to look at.
    pub key: &'static str,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl RuleTable {
    /// These rules and, over those of the same name, the others.
    ///
    /// # Errors
    ///
    /// A rule of `over` that cannot stand, or two of one name; a sort of money without a rule.
    pub fn with(&self, over: Vec<Rule>) -> Result<RuleTable, RuleFault> {
        let mut names = std::collections::BTreeSet::new();
        for (index, rule) in over.iter().enumerate() {
            let fault = |key, problem, remedy: &str| RuleFault {
                rule: Some(index),
                key,
                problem,
                remedy: remedy.to_owned(),
            };
            if let Some((key, problem, remedy)) = rule.fault() {
                return Err(fault(key, problem, remedy));
            }
            if !names.insert(rule.name.as_str()) {
                let problem = format!("`{}` is the name of another rule as well", rule.name);
                return Err(fault("name", problem, "give one of them another name"));
            }
        }
        let kept = self.0.iter().filter(|rule| !names.contains(&*rule.name));
        let rules: Vec<Rule> = kept.cloned().chain(over.iter().cloned()).collect();
        let table = RuleTable(rules);
        match Money::ALL
            .into_iter()
            .find(|money| table.of(*money, None, None).is_none())
        {
            Some(money) => Err(RuleFault {
                rule: None,
                key: "media",
                problem: format!("no rule is left for every `{}`", money.word()),
                remedy: "add one with this media, without classes or models".to_owned(),
            }),
            None => Ok(table),
        }
    }

    /// The rule for what was paid with: the closest, and of equals the last.
    pub fn of(&self, money: Money, class: Option<CardClass>, model: Option<&str>) -> Option<&Rule> {
        self.0
            .iter()
            .filter_map(|rule| rule.fit(money, class, model).map(|fit| (fit, rule)))
            .max_by_key(|(fit, _)| *fit)
            .map(|(_, rule)| rule)
    }

    /// The rule of a name.
    pub fn named(&self, name: &str) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.name == name)
    }

    /// All of them, in order.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }
}
